//! What browsers see: a page that runs all cases with the WebSocket of the browser itself, and the files of the reports.

use super::Service;
use super::request::{Ask, Refusal, ask};
use super::response::{denied, document, refused, text, to, without_head};
use crate::drive::Caller;
use crate::wire::Head;
use std::path::{Component, Path, PathBuf};

/// The page; what only the service knows is filled in.
const PAGE: &str = include_str!("../../../templates/browser.html");
/// Under which path the reports are found.
const REPORT: &str = "/report/";
/// Files that are shown, by the end of their name. What else lies there is nobody's business.
const KINDS: [(&str, &str); 4] = [
    ("html", "text/html; charset=utf-8"),
    ("json", "application/json"),
    ("css", "text/css; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
];

/// Answers a request that opens no connection.
pub async fn answer(service: &Service, caller: Caller) {
    let octets = match caller.request() {
        Err(fault) => without_head(fault),
        Ok(request) => match service.access.check(&request) {
            Err(refusal) => denied(&request, &refusal),
            Ok(()) => to(&request, answer_to(service, &request)),
        },
    };
    caller.dismiss(&octets).await;
}

fn answer_to(service: &Service, request: &Head) -> Vec<u8> {
    match ask(request, service.program()) {
        Ok(Ask::Page(path)) => page(service, &path),
        Ok(_) => text("404 Not Found", "", "WebSocket connections are opened at the control port"),
        Err(refusal @ (Refusal::Bad(_) | Refusal::Method)) => refused(&refusal),
        Err(_) => text("404 Not Found", "", "there is no such page"),
    }
}

fn page(service: &Service, path: &str) -> Vec<u8> {
    if let Some(name) = path.strip_prefix(REPORT) {
        let found = service.settings.shown.as_deref().and_then(|folder| file(folder, name));
        return found.unwrap_or_else(|| text("404 Not Found", "", "there is no such report"));
    }
    let (port, secure) = service.control;
    let html = PAGE
        .replace("{{scheme}}", if secure { "wss" } else { "ws" })
        .replace("{{port}}", &port.to_string())
        .replace("{{cases}}", &service.program().offers().len().to_string());
    document("200 OK", KINDS[0].1, "Cache-Control: no-store\r\n", html.as_bytes())
}

/// A file under a folder. Names lead downwards only.
fn file(folder: &Path, name: &str) -> Option<Vec<u8>> {
    let name = percent_decoded(name)?;
    let name = if name.is_empty() || name.ends_with('/') { format!("{name}index.html") } else { name };
    let relative = PathBuf::from(&name);
    if !relative.components().all(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let ending = relative.extension()?.to_str()?;
    let (_, kind) = KINDS.iter().find(|(known, _)| *known == ending)?;
    let content = std::fs::read(folder.join(&relative)).ok()?;
    Some(document("200 OK", kind, "Cache-Control: no-store\r\n", &content))
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut octets = Vec::new();
    let mut rest = text.bytes();
    while let Some(octet) = rest.next() {
        octets.push(match octet {
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                (digit()? * 16 + digit()?) as u8
            }
            octet => octet,
        });
    }
    String::from_utf8(octets).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_below_is_shown() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("reports");
        std::fs::create_dir_all(folder.join("a b")).unwrap();
        for name in ["reports/index.html", "reports/a b/index.html", "reports/key.pem", "secret.json"] {
            std::fs::write(root.path().join(name), "x").unwrap();
        }
        for name in ["", "index.html", "a%20b/", "a b/index.html"] {
            assert!(file(&folder, name).is_some_and(|found| found.starts_with(b"HTTP/1.1 200")), "{name}");
        }
        let absolute = root.path().join("secret.json");
        for name in
            ["../secret.json", "%2e%2e/secret.json", "a b", "none.html", "key.pem", "%zz", absolute.to_str().unwrap()]
        {
            assert_eq!(file(&folder, name), None, "{name}");
        }
    }
}
