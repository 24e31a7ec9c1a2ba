use super::*;
use crate::judge::{Strictness, Verdict, judge};
use crate::report::prose::explain;
use crate::report::tests::{corpus, record, report};
use crate::transcript::Ending;

const HEAD: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";

#[test]
fn a_failure_tells_all_that_it_takes() {
    let corpus = corpus();
    let cases: Vec<_> = corpus.cases().collect();
    let pong = b"\x8a\x10wsspec barrier 1";
    let echo = b"\x81\x05Hello";
    let wrong = record(cases[0], &[HEAD, pong, echo, echo], Ending::Closed);
    let verdicts = [
        judge(cases[0], &wrong.plan, &wrong.transcript, &crate::case::Law::NONE, Strictness::default()),
        Verdict::of(Vec::new(), true),
    ];
    let report = report(&corpus, &verdicts, "");
    let records = |id: &str| (id == "g/rsv/on-text").then(|| wrong.clone());
    insta::assert_snapshot!(summary(&report, &records, Style::PLAIN), @r#"
    g/rsv  1 pass  1 fail

    fail g/rsv/on-text
         A text frame with RSV1 set
         The target acted upon what it had to refuse: it sent text 5 octets "Hello" back.
           MUST A receiver that sees a non-zero RSV bit without a negotiated meaning fails the
           connection. (RFC 6455, section 5.2; 6455-5.2-3)
           MUST Failing the connection closes it. (RFC 6455, section 7.1.7; 6455-7.1.7-1)
           - accepted (the nearest of several accepted outcomes), + happened
             response 101
             pong 16 octets "wsspec barrier 1"
             text 5 octets "Hello"
           - end of the connection
           + text 5 octets "Hello"
           + (still open when the harness closed)
         rerun: wsspec server ws://localhost:9001/ --case g/rsv/on-text
         transcript: reports/demo/transcripts/g/rsv/on-text.json

    1 of 2 cases breaks a requirement.
    1 pass  1 fail
    "#);
}

#[test]
fn an_explanation_needs_no_run() {
    let corpus = corpus();
    let case = corpus.case("g/rsv/on-text").unwrap();
    insta::assert_snapshot!(explanation(&explain(case, &corpus.register), Style { color: false, width: 80 }), @r#"
    g/rsv/on-text
    A text frame with RSV1 set

      They mean nothing yet.
      For: servers and clients
      Autobahn: 3.1

    What the harness does
      1. Prove that the connection works: send a ping and wait for its pong.
      2. Send in one write:
         - a text frame with 5 octets "Hello"
         - a text frame with 5 octets "Hello", with RSV1 set: at this frame the
           target has to fail the connection
      3. Wait until the target has ended the connection.

    What is expected
      Required (MUST): The target fails the connection, that is, it acts upon
        nothing from the violation on and ends the connection in time.
        MUST A receiver that sees a non-zero RSV bit without a negotiated meaning
        fails the connection. (RFC 6455, section 5.2; 6455-5.2-3)
        MUST Failing the connection closes it. (RFC 6455, section 7.1.7;
        6455-7.1.7-1)
      Recommended (SHOULD): A target that fails the connection sends a Close first.
        SHOULD If already established, a Close frame with an appropriate code is
        sent before closing. (RFC 6455, section 7.1.7; 6455-7.1.7-4)
    "#);
}
