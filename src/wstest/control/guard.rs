//! Who may use the control port: drivers, and pages of this machine or of this port, but no page of another site.
//!
//! A web page that is open in a browser somewhere else can send requests to a port of this machine. Browsers say so: in
//! Origin (RFC 6455 section 4.1), in Sec-Fetch-Site, and in Host where a name of that site was made to lead here.

use super::response;
use crate::wire::Head;
use std::net::{IpAddr, SocketAddr};
use url::{Host, Url};

/// Why a request is not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stranger {
    /// It comes from a page of another site.
    Origin,
    /// It means another host than this one.
    Host,
}

impl Stranger {
    /// What it is told.
    pub fn response(self) -> Vec<u8> {
        match self {
            Stranger::Origin => response::text(
                "403 Forbidden",
                "",
                "pages of other sites are not served here; only pages of this host, and clients that are no browsers",
            ),
            // RFC 9110 section 15.5.20
            Stranger::Host => response::text("421 Misdirected Request", "", "the Host field does not name this host"),
        }
    }
}

/// Whether a request may be served at the address where we listen. `is_tested` tells that it opens the connection of a case,
/// whose Host is for that case to judge.
pub fn admit(head: &Head, address: SocketAddr, is_tested: bool) -> Result<(), Stranger> {
    let host = host(head);
    let origins: Vec<&[u8]> = head.values("origin").collect();
    for origin in &origins {
        if !is_of_this_host(origin, host.as_ref(), address) {
            return Err(Stranger::Origin);
        }
    }
    let says = |name: &str, value: &[u8]| head.values(name).any(|said| said.eq_ignore_ascii_case(value));
    // a link may lead here; what a page of another site includes may not come from here
    if origins.is_empty() && says("sec-fetch-site", b"cross-site") && !says("sec-fetch-mode", b"navigate") {
        return Err(Stranger::Origin);
    }
    let is_driver_in_a_case = is_tested && origins.is_empty();
    match &host {
        Some(name) if !is_driver_in_a_case && address.ip().to_canonical().is_loopback() && !is_loopback(name) => {
            Err(Stranger::Host)
        }
        _ => Ok(()),
    }
}

/// The host of the Host field, without the port, which a forwarded one may change.
fn host(head: &Head) -> Option<Host> {
    let value = std::str::from_utf8(head.values("host").next()?).ok()?;
    Some(named(&format!("http://{}/", value.trim())).unwrap_or_else(|| Host::Domain(value.to_owned())))
}

fn named(url: &str) -> Option<Host> {
    Url::parse(url).ok()?.host().map(|host| host.to_owned())
}

fn is_of_this_host(origin: &[u8], host: Option<&Host>, address: SocketAddr) -> bool {
    // schemes of WebSocket URLs stand there too, as some libraries put their URL into the field
    let known = |text: &&str| ["http://", "https://", "ws://", "wss://"].iter().any(|scheme| text.starts_with(scheme));
    let origin = std::str::from_utf8(origin).ok().map(str::trim).filter(known).and_then(named);
    let Some(origin) = origin else { return false };
    if is_loopback(&origin) {
        return true;
    }
    // a container is asked for by the name of its service, and a machine by its address; a name with dots could be one of
    // another site that was made to lead here
    let is_own = match &origin {
        Host::Domain(name) => !name.contains('.'),
        Host::Ipv4(_) | Host::Ipv6(_) => true,
    };
    !address.ip().to_canonical().is_loopback() && is_own && host == Some(&origin)
}

fn is_loopback(host: &Host) -> bool {
    match host {
        Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => IpAddr::V6(*ip).to_canonical().is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(address: &str, fields: &str, is_tested: bool) -> Result<(), Stranger> {
        let head = Head::parse(format!("GET / HTTP/1.1\r\n{fields}\r\n").as_bytes());
        admit(&head, address.parse().unwrap(), is_tested)
    }

    #[test]
    fn drivers_and_pages_of_this_host_are_served_and_no_others() {
        let (loopback, any) = ("127.0.0.1:9001", "0.0.0.0:9001");
        for (address, fields, expected) in [
            // drivers, which say nothing of an origin
            (loopback, "Host: 127.0.0.1:9001\r\n", Ok(())),
            (loopback, "Host: localhost:8000\r\n", Ok(())),
            (loopback, "Host: LOCALHOST\r\n", Ok(())),
            ("[::1]:9001", "Host: [::1]:9001\r\n", Ok(())),
            (loopback, "", Ok(())),
            (any, "Host: fuzzing-server:9001\r\n", Ok(())),
            (any, "Host: wstest.ci.svc.cluster.local:9001\r\n", Ok(())),
            // drivers that make an origin of their URL
            (loopback, "Host: 127.0.0.1:9001\r\nOrigin: http://127.0.0.1:9001\r\n", Ok(())),
            (loopback, "Host: localhost:9001\r\nOrigin: ws://localhost:9001\r\n", Ok(())),
            (loopback, "Host: localhost:9001\r\nOrigin: http://localhost\r\n", Ok(())),
            (any, "Host: fuzzing-server:9001\r\nOrigin: http://fuzzing-server:9001\r\n", Ok(())),
            (any, "Host: 10.1.2.3:9001\r\nOrigin: https://10.1.2.3:9001\r\n", Ok(())),
            // our own page, which may be served at a port of its own
            (
                loopback,
                "Host: localhost:9001\r\nOrigin: http://localhost:8080\r\nSec-Fetch-Site: same-site\r\n",
                Ok(()),
            ),
            (loopback, "Host: localhost:9001\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n", Ok(())),
            // pages of other sites
            (loopback, "Host: 127.0.0.1:9001\r\nOrigin: https://evil.example\r\n", Err(Stranger::Origin)),
            (loopback, "Host: 127.0.0.1:9001\r\nOrigin: null\r\n", Err(Stranger::Origin)),
            (loopback, "Host: 127.0.0.1:9001\r\nOrigin: http://localhost.evil.example\r\n", Err(Stranger::Origin)),
            (loopback, "Host: 127.0.0.1:9001\r\nOrigin: chrome-extension://localhost\r\n", Err(Stranger::Origin)),
            (any, "Host: 10.1.2.3:9001\r\nOrigin: https://evil.example\r\n", Err(Stranger::Origin)),
            (
                loopback,
                "Host: 127.0.0.1:9001\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n",
                Err(Stranger::Origin),
            ),
            // a name of another site that leads here
            (loopback, "Host: evil.example:9001\r\n", Err(Stranger::Host)),
            (loopback, "Host: evil.example:9001\r\nOrigin: http://evil.example:9001\r\n", Err(Stranger::Origin)),
            (any, "Host: evil.example:9001\r\nOrigin: http://evil.example:9001\r\n", Err(Stranger::Origin)),
            (loopback, "Host: \u{7f}\r\n", Err(Stranger::Host)),
        ] {
            assert_eq!(admitted(address, fields, false), expected, "{address} {fields}");
        }
    }

    #[test]
    fn the_host_of_a_client_under_test_is_for_the_case_to_judge() {
        assert_eq!(admitted("127.0.0.1:9001", "Host: elsewhere:1\r\n", true), Ok(()));
        let from_a_page = "Host: evil.example\r\nOrigin: http://evil.example\r\n";
        assert_eq!(admitted("127.0.0.1:9001", from_a_page, true), Err(Stranger::Origin));
    }
}
