//! The octets that a payload of a case stands for.

use super::super::PlanError;
use super::super::random_frames::random_frames;
use super::super::sample::sample;
use super::Planner;
use crate::case::payload::{Hex, Made};
use crate::case::{PayloadSpec, Role, deflate};
use crate::transcript::Payload;
use crate::wire::deflate::Deflater;

impl Planner<'_> {
    pub(super) fn payload(&mut self, spec: &PayloadSpec) -> Result<Payload, PlanError> {
        Ok(match spec {
            PayloadSpec::Text(text) => Payload::octets(text.clone().into_bytes()),
            PayloadSpec::Made(Made::Hex(Hex(octets))) => Payload::octets(octets.clone()),
            PayloadSpec::Made(Made::Repeat { unit, to }) => Payload::repeat(&self.payload(unit)?.to_vec(), *to),
            PayloadSpec::Made(Made::Random(len)) => Payload::random(self.draw(), *len, false),
            PayloadSpec::Made(Made::RandomText(len)) => Payload::random(self.draw(), *len, true),
            PayloadSpec::Made(Made::RandomFrames(len)) => {
                Payload::octets(random_frames(self.draw(), *len, self.target.role == Role::Server))
            }
            PayloadSpec::Made(Made::Names(len)) => Payload::octets(names(*len)),
            PayloadSpec::Made(Made::File(name)) => {
                Payload::octets(self.data.get(name).ok_or_else(|| PlanError::NoDataFile(name.clone()))?.clone())
            }
            PayloadSpec::Made(Made::Concat(parts)) => {
                Payload::concat(parts.iter().map(|part| self.payload(part)).collect::<Result<Vec<_>, _>>()?)
            }
            PayloadSpec::Made(Made::Blocks(blocks)) => {
                let stream = deflate::write(blocks, |spec| self.payload(spec).map(|payload| payload.to_vec()))?;
                Payload::octets(stream.message())
            }
            PayloadSpec::Made(Made::Deflated(whole)) => {
                Payload::octets(Deflater::new(15, false).deflate(&self.payload(whole)?.to_vec()))
            }
            PayloadSpec::Made(Made::Sample { kind, len }) => sample(*kind, *len),
            PayloadSpec::Made(Made::Slide { over, len }) => self.payload(over)?.part(0, *len),
        })
    }
}

/// `n0, n1, n2, ...`: so many octets, the last name made longer where the next would not fit any more.
fn names(len: u64) -> Vec<u8> {
    let len = usize::try_from(len).unwrap_or(usize::MAX);
    let mut octets = Vec::new();
    for number in 0.. {
        let name = format!("n{number}");
        let comma = if octets.is_empty() { "" } else { ", " };
        if octets.len() + comma.len() + name.len() > len {
            octets.resize(len, b'n');
            break;
        }
        octets.extend_from_slice(comma.as_bytes());
        octets.extend_from_slice(name.as_bytes());
    }
    octets
}
