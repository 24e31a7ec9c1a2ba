//! Messages that are sent again and again, each with its echo.

use super::super::{PlanError, WaitFor};
use super::frames::Carried;
use super::{OpBuilder, Planner};
use crate::case::PayloadSpec;
use crate::case::frame::{FrameSpec, Kind};
use crate::case::payload::Made;
use crate::case::step::Cut;
use crate::wire::FrameHeader;
use crate::wire::inflate::WINDOW;

/// The most octets of an exchange that are under way, unless one message alone has more.
const MOST_UNDER_WAY: u64 = 256 * 1024;

impl Planner<'_> {
    /// Sends a message many times: what stands beside each other in a write is half a window, so that the target has
    /// work while the other half comes back. Each echo has a wait, and so a deadline, of its own.
    pub(super) fn exchange(&mut self, message: &FrameSpec, times: u32, window: u32) -> Result<(), PlanError> {
        let (Kind::Text(spec) | Kind::Binary(spec)) = &message.kind else {
            return Ok(());
        };
        let messages = self.series(spec, u64::from(times), message.deflate)?;
        let size = messages.largest + FrameHeader::MAX as u64;
        let window = u64::from(window).min(MOST_UNDER_WAY / size).max(1);
        let burst = window.div_ceil(2);
        let earlier = self.plan.messages.len();
        let (mut sent, mut back) = (0, 0);
        while sent < u64::from(times) {
            let next = burst.min(u64::from(times) - sent);
            self.await_echoes(earlier, &mut back, (sent + next).saturating_sub(window), size);
            let mut builder = OpBuilder::default();
            (sent..sent + next).for_each(|number| self.frame(message, messages.at(number), &mut builder));
            self.finish_send(builder, &Cut::Whole);
            sent += next;
        }
        self.await_echoes(earlier, &mut back, sent, size);
        Ok(())
    }

    /// Waits one after the other for echoes behind the first `earlier`, until so many are in.
    pub(super) fn await_echoes(&mut self, earlier: usize, back: &mut u64, until: u64, size: u64) {
        while *back < until {
            *back += 1;
            self.under_way = self.under_way.max(size);
            self.push_wait(WaitFor::Echoes(earlier + *back as usize), false);
        }
    }

    /// The messages of an exchange. Those that slide over a payload come again when it is through; compressed, they are
    /// the same again from the second time on, when all that they can refer to is.
    fn series(&mut self, spec: &PayloadSpec, times: u64, deflate: bool) -> Result<Series, PlanError> {
        let mut carried = Vec::new();
        let (over, len) = match spec {
            PayloadSpec::Made(Made::Slide { over, len }) => (self.payload(over)?, *len),
            spec => {
                let payload = self.payload(spec)?;
                (payload.clone(), payload.len())
            }
        };
        let around = (1..=times).find(|count| (count * len).is_multiple_of(over.len().max(1))).unwrap_or(times);
        let least = if deflate { WINDOW as u64 } else { 0 };
        let cycle = around * least.div_ceil((around * len).max(1)).max(1);
        let distinct = times.min(if deflate { cycle.saturating_mul(2) } else { cycle });
        for number in 0..distinct {
            let from = if over.is_empty() { 0 } else { number * len % over.len() };
            let part = over.part(from, len);
            let index = match carried.get((number % around) as usize) {
                Some(Carried { plain: Some(plain), .. }) => *plain,
                _ => self.plan.payloads.add(part),
            };
            carried.push(self.on_the_wire(deflate, index));
        }
        Ok(Series { carried, cycle, largest: len })
    }
}

/// The messages of an exchange.
struct Series {
    carried: Vec<Carried>,
    /// After how many messages they come again.
    cycle: u64,
    /// The length of the largest in octets.
    largest: u64,
}

impl Series {
    fn at(&self, number: u64) -> Carried {
        let known = self.carried.len() as u64;
        let back = if number < known { 0 } else { (number - known) / self.cycle + 1 };
        self.carried[(number - back * self.cycle) as usize]
    }
}
