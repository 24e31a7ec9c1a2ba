//! What is offered to clients: cases with numbers from 1 and names, and which of them a client is spared.

use crate::case::Case;
use crate::plan::Target;
use crate::run::excuse::excuse;
use crate::wstest::unimplemented::stand_in;
use std::collections::HashMap;

/// Whether a client of that name is spared the case of that id.
pub type Spares = Box<dyn Fn(&str, &str) -> bool + Send + Sync>;

/// What a client gets under one number.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The id, as clients are told it.
    pub id: String,
    /// Further names by which it can be asked for.
    pub names: Vec<String>,
    /// A sentence for people.
    pub description: String,
    /// What is run.
    pub case: Case,
    /// Why nothing can be judged by it, where that is so.
    pub excuse: Option<String>,
}

impl Offer {
    /// A case under an id; `target` is any client, as far as it is known before one comes.
    pub fn of_case(id: &str, case: &Case, target: &Target) -> Offer {
        let excuse = excuse(case, target);
        let case = if excuse.is_some() { stand_in(&case.id) } else { case.clone() };
        Offer { id: id.to_owned(), names: Vec::new(), description: case.title.clone(), case, excuse }
    }

    /// An id that is known and for which there is no case; who asks for it is sent away politely.
    pub fn without_case(id: &str, description: &str, reason: &str) -> Offer {
        Offer {
            id: id.to_owned(),
            names: Vec::new(),
            description: description.to_owned(),
            case: stand_in(id),
            excuse: Some(reason.to_owned()),
        }
    }
}

/// All that is offered, in order.
pub struct Program {
    offers: Vec<Offer>,
    places: HashMap<String, usize>,
    spares: Spares,
}

impl Program {
    /// Offers in their order. Of several with the same name the first is meant by it, and an id goes before other names.
    pub fn new(offers: Vec<Offer>, spares: Spares) -> Program {
        let ids = offers.iter().enumerate().map(|(place, offer)| (&offer.id, place));
        let names =
            offers.iter().enumerate().flat_map(|(place, offer)| offer.names.iter().map(move |name| (name, place)));
        let mut places = HashMap::new();
        for (name, place) in ids.chain(names) {
            places.entry(name.clone()).or_insert(place);
        }
        Program { offers, places, spares }
    }

    /// All of them.
    pub fn offers(&self) -> &[Offer] {
        &self.offers
    }

    /// The place of the case with that number, counted from 1.
    pub fn numbered(&self, number: usize) -> Option<usize> {
        let place = number.checked_sub(1)?;
        (place < self.offers.len()).then_some(place)
    }

    /// The place of the case with that id or name.
    pub fn named(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// Whether a client is spared the case at that place.
    pub fn spares(&self, agent: &str, place: usize) -> bool {
        (self.spares)(agent, &self.offers[place].id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_have_numbers_and_names() {
        let mut second = Offer::without_case("b", "", "not yet");
        second.names = vec!["a".to_owned(), "alias".to_owned()];
        let program =
            Program::new(vec![Offer::without_case("a", "", "not yet"), second], Box::new(|agent, id| agent == id));
        assert_eq!([0, 1, 2, 3].map(|number| program.numbered(number)), [None, Some(0), Some(1), None]);
        assert_eq!(["a", "b", "alias", "c"].map(|name| program.named(name)), [Some(0), Some(1), Some(1), None]);
        assert!(program.spares("a", 0) && !program.spares("a", 1));
    }
}
