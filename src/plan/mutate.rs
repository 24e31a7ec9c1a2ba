//! One octet of a request head changed, left out or doubled, as the seed chooses.

/// Changes `head`; `draw` is a number from the seed.
pub(super) fn mutate(head: &mut Vec<u8>, draw: u64) {
    if head.is_empty() {
        return;
    }
    let at = (draw >> 8) as usize % head.len();
    match draw % 3 {
        0 => head[at] ^= ((draw >> 40) as u8) | 1,
        1 => {
            head.remove(at);
        }
        _ => head.insert(at, head[at]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::payload::mix;

    #[test]
    fn one_octet_differs() {
        let head = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        let mut lengths = [0; 3];
        for number in 0..100 {
            let mut mutated = head.to_vec();
            mutate(&mut mutated, mix(number));
            lengths[mutated.len() + 1 - head.len()] += 1;
            let from_front = head.iter().zip(&mutated).take_while(|(a, b)| a == b).count();
            let from_back = head.iter().rev().zip(mutated.iter().rev()).take_while(|(a, b)| a == b).count();
            assert!(from_front + from_back + 1 >= head.len() && mutated != head);
        }
        assert!(lengths.iter().all(|count| *count > 10), "{lengths:?}");
        let mut nothing = Vec::new();
        mutate(&mut nothing, 1);
        assert!(nothing.is_empty());
    }
}
