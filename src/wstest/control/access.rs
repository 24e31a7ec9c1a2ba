//! Who may use the control port: drivers, and the browsers that opened a page of this port itself.
//!
//! A web page that the user visits can make the browser send requests here. The browser then tells the origin of the page, or the
//! name by which the page called this machine; neither can be chosen by the page. Called before a request is looked at further.

use crate::wire::Head;
use std::net::{IpAddr, SocketAddr};

/// Names that nobody can register: a foreign page cannot have one that leads to this machine.
const RESERVED: [&str; 2] = ["localhost", "internal"];
/// The same where the port is open to other machines: these belong to a local network.
const OF_A_NETWORK: [&str; 2] = ["test", "home.arpa"];

/// Why a request is not served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denied {
    /// The Host field names another machine.
    Host(String),
    /// A page of another origin sent it.
    Origin(String),
}

/// What is known of the port when it is decided who may use it.
#[derive(Clone, Debug)]
pub struct Access {
    /// Whether only this machine can connect.
    is_local: bool,
    /// The host in the URL that the user gave to the port.
    named: Option<String>,
    /// The ports whose pages are our own.
    ports: Vec<u16>,
    /// The port that an origin and a Host field without one mean.
    default_port: u16,
}

impl Access {
    /// For a service at these addresses, the control port first; `named` is the host in the URL that the user gave to it.
    pub fn new(addresses: &[SocketAddr], named: Option<&str>, is_secure: bool) -> Access {
        Access {
            is_local: addresses.iter().all(|address| address.ip().to_canonical().is_loopback()),
            named: named.map(normal),
            ports: addresses.iter().map(SocketAddr::port).collect(),
            default_port: if is_secure { 443 } else { 80 },
        }
    }

    /// Whether a request may be served.
    pub fn check(&self, head: &Head) -> Result<(), Denied> {
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let is_browser = is_browser(head);
        let mut called = Vec::new();
        // a Host field that is missing or malformed is sent by no browser, and for the case to judge
        for value in head.values("host") {
            let Some(authority) = Authority::parse(&text(value)) else { continue };
            let is_open = !self.is_local && !is_browser;
            if !is_open && !self.is_own(&authority.host) {
                return Err(Denied::Host(text(value)));
            }
            called.push(authority);
        }
        for value in head.values("origin") {
            if !self.is_own_origin(&text(value), &called, head) {
                return Err(Denied::Origin(text(value)));
            }
        }
        if head.values("sec-fetch-site").any(|value| value.eq_ignore_ascii_case(b"cross-site")) {
            return Err(Denied::Origin("another site".to_owned()));
        }
        Ok(())
    }

    /// Whether a host is this machine by a name that no foreign page can have.
    fn is_own(&self, host: &str) -> bool {
        if self.named.as_deref() == Some(host) {
            return true;
        }
        let ends_in = |names: &[&str]| {
            names.iter().any(|name| host.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
        };
        match address(host) {
            Some(address) => !self.is_local || address.is_loopback() || address.is_unspecified(),
            None => ends_in(&RESERVED) || (!self.is_local && (!host.contains('.') || ends_in(&OF_A_NETWORK))),
        }
    }

    fn is_own_origin(&self, origin: &str, called: &[Authority], head: &Head) -> bool {
        let Some((scheme, rest)) = origin.split_once("://") else { return false };
        let default_port = match scheme.to_ascii_lowercase().as_str() {
            "http" | "ws" => 80,
            "https" | "wss" => 443,
            _ => return false,
        };
        let Some(origin) = Authority::parse(rest.strip_suffix('/').unwrap_or(rest)) else { return false };
        let is_host =
            |called: &Authority| called.host == origin.host || (is_here(&called.host) && is_here(&origin.host));
        // a client that is no browser may leave the port out
        if origin.port.is_none() && !is_browser(head) {
            return called.iter().any(is_host);
        }
        let port = origin.port.unwrap_or(default_port);
        let is_port =
            |called: &Authority| self.ports.contains(&port) || called.port.unwrap_or(self.default_port) == port;
        called.iter().any(|called| is_host(called) && is_port(called))
    }
}

/// Whether a browser sent the request: no page can make it leave this out.
fn is_browser(head: &Head) -> bool {
    let is_theirs = |name: &[u8]| name.get(..10).is_some_and(|start| start.eq_ignore_ascii_case(b"sec-fetch-"));
    head.fields.iter().any(|field| is_theirs(&field.name))
        || head.values("user-agent").any(|value| value.starts_with(b"Mozilla/"))
}

/// Whether a host is this machine for everybody.
fn is_here(host: &str) -> bool {
    let is_named = host == "localhost" || host.ends_with(".localhost");
    is_named || address(host).is_some_and(|address| address.is_loopback() || address.is_unspecified())
}

fn address(host: &str) -> Option<IpAddr> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    bare.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

fn normal(host: &str) -> String {
    host.trim_end_matches('.').to_ascii_lowercase()
}

/// A host and perhaps a port.
struct Authority {
    host: String,
    port: Option<u16>,
}

impl Authority {
    fn parse(text: &str) -> Option<Authority> {
        let text = text.trim();
        let (host, port) = match text.rfind(']') {
            Some(end) => (&text[..=end], &text[end + 1..]),
            None => text.find(':').map_or((text, ""), |colon| (&text[..colon], &text[colon..])),
        };
        let port = match port.strip_prefix(':') {
            None if port.is_empty() => None,
            None => return None,
            Some("") => None,
            Some(port) => Some(port.parse().ok()?),
        };
        let is_letter = |letter: char| letter.is_ascii_alphanumeric() || "-_.[]:%".contains(letter);
        (!host.is_empty() && host.chars().all(is_letter)).then(|| Authority { host: normal(host), port })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIREFOX: &str = "User-Agent: Mozilla/5.0 (X11) Gecko\r\n";

    fn check(listens: &str, named: Option<&str>, fields: &str) -> Option<u16> {
        let access = Access::new(&[listens.parse().unwrap(), "127.0.0.1:8080".parse().unwrap()], named, false);
        let head = Head::parse(format!("GET / HTTP/1.1\r\n{fields}\r\n").as_bytes());
        match access.check(&head) {
            Ok(()) => None,
            Err(Denied::Host(_)) => Some(421),
            Err(Denied::Origin(_)) => Some(403),
        }
    }

    #[test]
    fn who_is_served_depends_on_host_and_origin() {
        let (local, open) = ("127.0.0.1:9001", "0.0.0.0:9001");
        for (listens, named, fields, refused) in [
            // drivers, by whatever name they know this machine
            (local, None, "Host: 127.0.0.1:9001", None),
            (local, None, "Host: LOCALHOST", None),
            (local, None, "Host: [::1]:9001", None),
            (local, None, "Host: 127.0.0.2:9001", None),
            (local, None, "Host: host.docker.internal:9001", None),
            (local, Some("tests.example"), "Host: Tests.Example.:9001", None),
            (local, None, "X: no Host", None),
            (open, None, "Host: fuzzingserver:9001", None),
            (open, None, "Host: ci.example.org:9001", None),
            (local, None, "Host: elsewhere:9001", Some(421)),
            (local, None, "Host: rebound.example:9001", Some(421)),
            (local, None, "Host: 192.0.2.1:9001", Some(421)),
            (local, None, "Host: localhost.example", Some(421)),
            (local, None, "Host: notlocalhost", Some(421)),
            // drivers whose library sends an Origin
            (local, None, "Host: 127.0.0.1:9001\r\nOrigin: http://127.0.0.1:9001", None),
            (local, None, "Host: 127.0.0.1:9001\r\nOrigin: ws://127.0.0.1:9001", None),
            (local, None, "Host: localhost:9001\r\nOrigin: http://127.0.0.1:9001", None),
            (local, None, "Host: localhost\r\nOrigin: http://localhost", None),
            (local, None, "Host: localhost:9001\r\nOrigin: http://localhost", None),
            (open, None, "Host: fuzzingserver:9001\r\nOrigin: http://fuzzingserver:9001", None),
            (open, None, "Host: fuzzingserver:80\r\nOrigin: http://fuzzingserver", None),
            // other pages
            (local, None, "Host: localhost:9001\r\nOrigin: http://evil.example", Some(403)),
            (local, None, "Host: localhost:9001\r\nOrigin: http://localhost:3000", Some(403)),
            (local, None, "Host: localhost:9001\r\nOrigin: null", Some(403)),
            (local, None, "Host: localhost:9001\r\nOrigin: file://", Some(403)),
            (local, None, "Host: localhost:9001\r\nOrigin: http://localhost:9001@evil.example", Some(403)),
            (local, None, "Host: localhost:9001\r\nSec-Fetch-Site: cross-site", Some(403)),
            (local, None, "Host: localhost:9001\r\nSec-Fetch-Site: none", None),
            (open, None, "Host: ci.example.org:9001\r\nOrigin: http://evil.example", Some(403)),
        ] {
            assert_eq!(check(listens, named, &format!("{fields}\r\n")), refused, "{listens} {fields}");
        }
    }

    #[test]
    fn browsers_are_served_what_is_from_here() {
        let (local, open) = ("127.0.0.1:9001", "0.0.0.0:9001");
        for (listens, fields, refused) in [
            (local, "Host: localhost:9001", None),
            (local, "Host: localhost:9001\r\nOrigin: http://localhost:9001", None),
            (local, "Host: localhost:9001\r\nOrigin: http://localhost:8080", None),
            (local, "Host: localhost:9001\r\nOrigin: http://localhost", Some(403)),
            (open, "Host: 192.0.2.1:9001\r\nOrigin: http://192.0.2.1:9001", None),
            (open, "Host: 192.0.2.1:7001\r\nOrigin: http://192.0.2.1:7001", None),
            (open, "Host: fuzzingserver:9001\r\nOrigin: http://fuzzingserver:9001", None),
            // a name that was made to lead here after its page was loaded
            (open, "Host: rebound.example:9001\r\nOrigin: http://rebound.example:9001", Some(421)),
            (open, "Host: rebound.example:9001", Some(421)),
        ] {
            assert_eq!(check(listens, None, &format!("{fields}\r\n{FIREFOX}")), refused, "{listens} {fields}");
        }
    }
}
