//! The opening handshake of a plan: a request towards a server, a response towards a client.

use super::super::answer::Answer;
use super::super::deflate::placed;
use super::super::mutate::mutate;
use super::super::{DeflatePlan, Known, Piece, PlanError, Stage, Target, WaitFor, Writes};
use super::{OpBuilder, Planner};
use crate::case::frame::{FrameSpec, Kind};
use crate::case::payload::Made;
use crate::case::{Case, Opening, PayloadSpec, Response, Role};
use crate::wire::{Head, handshake};
use std::time::Duration;

impl Planner<'_> {
    pub(super) fn open(&mut self, case: &Case) -> Result<(), PlanError> {
        if self.target.role == Role::Client {
            return self.respond(&case.opening);
        }
        self.head(&case.opening)?;
        if case.opening.unanswered {
            return Ok(());
        }
        let what = if self.plan.tests_opening { WaitFor::Responses(1) } else { WaitFor::Head };
        self.push_wait(what, true);
        Ok(())
    }

    /// Waits for the request of a client and opens the connection, RFC 6455 section 4.2.2; frames may go with the response.
    pub(super) fn respond(&mut self, opening: &Opening) -> Result<(), PlanError> {
        if opening.unanswered {
            return Ok(());
        }
        self.push_wait(WaitFor::Request, true);
        let plain = Response::default();
        let response = opening.response.as_ref().unwrap_or(&plain);
        let mut builder = OpBuilder { is_request: true, ..OpBuilder::default() };
        let mut head = self.response(response);
        while let Some((start, end, answer)) = Answer::find(&head) {
            builder.push(Piece::Octets(head.as_bytes()[..start].to_vec()));
            builder.push(Piece::Answer(answer));
            head.drain(..end);
        }
        builder.push(Piece::Octets(head.into_bytes()));
        if response.violates {
            self.plan.violation = Some((self.next_op(), builder.len));
            self.stage = Stage::After;
        }
        for spec in &opening.with {
            self.frame_of(spec, &mut builder)?;
        }
        self.push_send(builder, writes(opening));
        Ok(())
    }

    /// The head of a response, with the names of answers to the key where these come.
    pub(super) fn response(&self, response: &Response) -> String {
        if let Some(raw) = &response.raw {
            return self.address(raw);
        }
        let mut fields: Vec<(String, String)> =
            [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", "{accept}")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into();
        fields.extend(self.own_fields());
        if let Some(answer) = self.plan.deflate.as_ref().and_then(DeflatePlan::answer) {
            fields.push(("Sec-WebSocket-Extensions".to_owned(), answer));
        }
        let set: Vec<(String, String)> =
            response.set.iter().map(|(name, value)| (name.clone(), self.address(value))).collect();
        change(&mut fields, &set, &response.remove);
        fields.extend(response.add.iter().cloned());
        let line = response.status_line.as_deref().unwrap_or("HTTP/1.1 101 Switching Protocols");
        head_of(line, &fields)
    }

    /// Sends a request head, and the frames that go with it.
    pub(super) fn head(&mut self, opening: &Opening) -> Result<(), PlanError> {
        let mut octets = match &opening.raw {
            Some(raw) => self.payload(&self.addressed(raw))?.to_vec(),
            None => self.request(opening)?,
        };
        if opening.mutated {
            mutate(&mut octets, self.draw());
        }
        self.plan.requests.push(Head::parse(&octets));
        let mut builder = OpBuilder { is_request: true, ..OpBuilder::default() };
        builder.push(Piece::Octets(octets));
        for spec in &opening.with {
            let spec = match &spec.kind {
                Kind::Raw(octets) => &FrameSpec { kind: Kind::Raw(self.addressed(octets)), ..spec.clone() },
                _ => spec,
            };
            self.frame_of(spec, &mut builder)?;
        }
        self.push_send(builder, writes(opening));
        Ok(())
    }

    /// Puts what only the target knows into a text of the case: `{host}`, `{resource}`, and as `{fields}` the lines that
    /// the user wants in every head.
    pub(super) fn address(&self, text: &str) -> String {
        let Known { refused_origin, missing_path, .. } = &self.target.known;
        let text = text
            .replace("{host}", &self.target.host)
            .replace("{resource}", &self.target.resource)
            .replace("{refused_origin}", refused_origin.as_deref().unwrap_or_default())
            .replace("{missing_path}", missing_path.as_deref().unwrap_or_default())
            .replace("{other_case}", &other_case(&self.target.subprotocols));
        if !text.contains("{fields}") {
            return text;
        }
        let lines: String = self.own_fields().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        text.replace("{fields}", &lines)
    }

    /// The fields that come from the user and belong to no handshake as such.
    pub(super) fn own_fields(&self) -> impl Iterator<Item = (String, String)> + use<'_> {
        let target = self.target;
        // a response has no origin, and selects one subprotocol at most
        let is_request = target.role == Role::Server;
        let origin =
            target.origin.iter().filter(move |_| is_request).map(|origin| ("Origin".to_owned(), origin.clone()));
        let offers = (!target.subprotocols.is_empty()).then(|| ("Sec-WebSocket-Protocol".to_owned(), offered(target)));
        origin.chain(offers).chain(target.fields.iter().cloned())
    }

    /// The same for the texts of a payload.
    pub(super) fn addressed(&self, spec: &PayloadSpec) -> PayloadSpec {
        match spec {
            PayloadSpec::Text(text) => PayloadSpec::Text(self.address(text)),
            PayloadSpec::Made(Made::Concat(parts)) => {
                PayloadSpec::Made(Made::Concat(parts.iter().map(|part| self.addressed(part)).collect()))
            }
            made => made.clone(),
        }
    }

    /// RFC 6455 section 4.1: the opening handshake of a client.
    pub(super) fn request(&mut self, opening: &Opening) -> Result<Vec<u8>, PlanError> {
        let mut nonce = Vec::with_capacity(16);
        nonce.extend_from_slice(&self.draw().to_be_bytes());
        nonce.extend_from_slice(&self.draw().to_be_bytes());
        if let Some(spec) = &opening.nonce {
            nonce = self.payload(spec)?.to_vec();
        }
        let target = self.target;
        let mut fields: Vec<(String, String)> = [
            ("Host", target.host.clone()),
            ("Upgrade", "websocket".to_owned()),
            ("Connection", "Upgrade".to_owned()),
            ("Sec-WebSocket-Key", handshake::key(&nonce)),
            ("Sec-WebSocket-Version", "13".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        fields.extend(self.own_fields());
        if let Some(deflate) = &opening.deflate {
            fields.push(("Sec-WebSocket-Extensions".to_owned(), placed(&deflate.offer, Role::Server)));
        }
        let set: Vec<(String, String)> =
            opening.set.iter().map(|(name, value)| (name.clone(), self.address(value))).collect();
        change(&mut fields, &set, &opening.remove);
        fields.extend(opening.add.iter().map(|(name, value)| (name.clone(), self.address(value))));
        let line = self.address(opening.request_line.as_deref().unwrap_or("GET {resource} HTTP/1.1"));
        Ok(head_of(&line, &fields).into_bytes())
    }
}

/// How a head is cut into writes.
fn writes(opening: &Opening) -> Writes {
    match (opening.chop, opening.cut_at.as_slice()) {
        (Some(octets), _) => Writes::Every(octets),
        (None, []) => Writes::Few,
        (None, at) => Writes::At(at.to_vec(), Duration::from_millis(opening.pause_ms.unwrap_or(0))),
    }
}

/// Gives fields other values, and leaves some out; names compare without regard to case.
fn change(fields: &mut Vec<(String, String)>, set: &[(String, String)], remove: &[String]) {
    for (name, value) in set {
        match fields.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some(field) => *field = (name.clone(), value.clone()),
            None => fields.push((name.clone(), value.clone())),
        }
    }
    fields.retain(|(name, _)| !remove.iter().any(|gone| gone.eq_ignore_ascii_case(name)));
}

fn head_of(line: &str, fields: &[(String, String)]) -> String {
    let lines: String = fields.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!("{line}\r\n{lines}\r\n")
}

/// The subprotocols that a request offers, or the one that a response selects.
fn offered(target: &Target) -> String {
    match target.role {
        Role::Server => target.subprotocols.join(", "),
        Role::Client => target.subprotocols.first().cloned().unwrap_or_default(),
    }
}

/// The names with each letter in its other case.
fn other_case(names: &[String]) -> String {
    let swapped = |letter: char| match letter.is_ascii_uppercase() {
        true => letter.to_ascii_lowercase(),
        false => letter.to_ascii_uppercase(),
    };
    names.join(", ").chars().map(swapped).collect()
}
