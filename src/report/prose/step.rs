//! Steps in words.

use super::{StepProse, frame, listed, opening};
use crate::case::step::Cut;
use crate::case::{Role, Send, Step, Until};
use crate::report::Printable;
use crate::report::view::octets::{code_name, count};

/// What the harness does in a step.
pub(super) fn told(step: &Step, roles: &[Role]) -> StepProse {
    match step {
        Step::Send(send) => sent(send, roles),
        Step::Barrier => plain("Prove that the connection works: send a ping and wait for its pong."),
        Step::Await(until) => plain(match until {
            Until::Echo => {
                "Wait until every message so far has come back; where the target does not echo, send a ping and wait for its pong."
            }
            Until::Pong => "Wait for the pong that answers the last ping.",
            Until::Close => "Wait for a Close, or for the end of the connection.",
            Until::End => "Wait until the target has ended the connection.",
            Until::Response => "Wait for the response to the last request, or for the end of the connection.",
        }),
        Step::LingerMs(ms) => plain(&format!("Wait for {ms} ms, or until the connection ends.")),
        Step::Exchange { message, times, full_times, window } => {
            let message = frame::told(message, roles);
            let times = match full_times {
                Some(full) => format!("{times} times ({full} in a full run)"),
                None => format!("{times} times"),
            };
            plain(&match window.get() {
                1 => format!("Do this {times}: send {message}, and wait until it has come back."),
                window => format!(
                    "Do this {times}, with no more than {window} under way: send {message}, and wait until it has come back."
                ),
            })
        }
        Step::Close(code) => {
            let name = code_name(*code).map(|name| format!(" ({name})")).unwrap_or_default();
            plain(&format!(
                "Send a Close with status code {code}{name}, wait for the Close that answers it, then for the end of the connection."
            ))
        }
        Step::LingerPatiently { usual_ms, patient_ms } => {
            plain(&format!("Wait for {usual_ms} ms ({patient_ms} ms in a patient run), or until the connection ends."))
        }
        Step::Request(changes) => {
            let items: Vec<Printable> = opening::told(changes, roles).into_iter().map(Printable::from).collect();
            let end = if items.is_empty() { "." } else { ":" };
            StepProse { says: Printable::from(format!("Send another request head on the same connection{end}")), items }
        }
        Step::StopReading => plain("Leave what the target sends unread from here on."),
        Step::GoOnReading => plain("Go on reading what the target sends."),
        Step::HalfClose => plain("Close the sending half of the TCP connection."),
        Step::Reset => plain("Reset the TCP connection."),
    }
}

fn plain(says: &str) -> StepProse {
    StepProse { says: Printable::of(says), items: Vec::new() }
}

fn sent(send: &Send, roles: &[Role]) -> StepProse {
    let cut = cut(&send.cut, send.frames.len());
    match send.frames.as_slice() {
        // what is special about a frame is told behind a colon, so what belongs to the write has to stand in front
        [only] if cut.is_empty() || !(only.violates || only.disputed) => {
            let cut = if cut.is_empty() { cut } else { format!(", {cut}") };
            plain(&format!("Send {}{cut}.", frame::told(only, roles)))
        }
        frames => StepProse {
            says: Printable::from(if cut.is_empty() {
                "Send in one write:".to_owned()
            } else {
                format!("Send {cut}:")
            }),
            items: frames.iter().map(|spec| frame::told(spec, roles).into()).collect(),
        },
    }
}

fn cut(cut: &Cut, frames: usize) -> String {
    match cut {
        Cut::Whole => String::new(),
        Cut::Frames if frames == 1 => String::new(),
        Cut::Frames => "each frame in a write of its own".to_owned(),
        Cut::Every(octets) => format!("{} at a time", count(*octets)),
        Cut::Payload { at, pause_ms } => {
            let places: Vec<String> = at.iter().map(u64::to_string).collect();
            let pause = match pause_ms {
                0 => String::new(),
                ms => format!(", with a pause of {ms} ms at each cut"),
            };
            let noun = if at == &[1] { "octet" } else { "octets" };
            format!("in parts, cut behind {} {noun} of the payload{pause}", listed(&places, "and"))
        }
    }
}
