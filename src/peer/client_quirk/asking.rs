//! Faults in the request of the opening handshake, one row each: a name, what the client does wrong, and how.

use super::{ClientQuirk, Secure, quirk};

fn without(request: &str, field: &str) -> String {
    request.split_inclusive("\r\n").filter(|line| !line.starts_with(field)).collect()
}

pub(in crate::peer) fn with(request: &str, line: &str) -> String {
    request.replacen("\r\nUpgrade:", &format!("\r\n{line}\r\nUpgrade:"), 1)
}

pub(super) const TABLE: &[ClientQuirk] = &[
    quirk("requests-without-host", "sends no Host", |m| m.request = |r, _| without(&r, "Host:")),
    quirk("requests-with-two-hosts", "sends Host twice", |m| m.request = |r, _| with(&r, "Host: other")),
    quirk("requests-without-upgrade", "sends no Upgrade", |m| m.request = |r, _| without(&r, "Upgrade:")),
    quirk("requests-another-upgrade", "asks for h2c", |m| m.request = |r, _| r.replace("websocket", "h2c")),
    quirk("requests-without-connection", "sends no Connection", |m| m.request = |r, _| without(&r, "Connection:")),
    quirk("requests-connection-close", "sends Connection: close", |m| {
        m.request = |r, _| r.replace("Connection: Upgrade", "Connection: close");
    }),
    quirk("requests-without-key", "sends no Sec-WebSocket-Key", |m| {
        m.request = |r, _| without(&r, "Sec-WebSocket-Key:")
    }),
    quirk("requests-with-two-keys", "sends a second Sec-WebSocket-Key", |m| {
        m.request = |r, _| with(&r, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
    }),
    quirk("key-of-15-octets", "sends the Base64 of 15 octets as its key", |m| {
        m.request = |r, _| with(&without(&r, "Sec-WebSocket-Key:"), "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j");
    }),
    quirk("key-that-is-no-base64", "sends a key that is no Base64", |m| {
        m.request = |r, _| with(&without(&r, "Sec-WebSocket-Key:"), "Sec-WebSocket-Key: ************************");
    }),
    quirk("requests-without-version", "sends no version", |m| m.request = |r, _| without(&r, "Sec-WebSocket-Version:")),
    quirk("requests-version-8", "asks for version 8", |m| m.request = |r, _| r.replace("Version: 13", "Version: 8")),
    quirk("requests-by-post", "uses POST", |m| m.request = |r, _| r.replacen("GET", "POST", 1)),
    quirk("requests-in-http-1.0", "asks in HTTP/1.0", |m| m.request = |r, _| r.replacen("HTTP/1.1", "HTTP/1.0", 1)),
    quirk("requests-a-ws-target", "puts a ws URL into the request line", |m| {
        m.request = |r, _| r.replacen("GET /", "GET ws://localhost/", 1);
    }),
    quirk("requests-a-fragment", "sends the fragment of the URL", |m| {
        m.request = |r, _| r.replacen(" HTTP/", "#top HTTP/", 1)
    }),
    quirk("requests-with-bare-lf", "ends lines with LF alone", |m| m.request = |r, _| r.replace("\r\n", "\n")),
    quirk("requests-with-space-before-colon", "puts a space before a colon", |m| {
        m.request = |r, _| r.replacen("Host:", "Host :", 1);
    }),
    quirk("requests-a-body", "announces a body", |m| m.request = |r, _| with(&r, "Content-Length: 5")),
    quirk("offers-a-subprotocol-twice", "offers chat twice", |m| {
        m.request = |r, _| with(&r, "Sec-WebSocket-Protocol: chat, chat");
    }),
    quirk("offers-a-subprotocol-of-two-words", "offers a name with a space", |m| {
        m.request = |r, _| with(&r, "Sec-WebSocket-Protocol: two words");
    }),
    quirk("offers-malformed-extensions", "offers what is no extension", |m| {
        m.request = |r, _| with(&r, "Sec-WebSocket-Extensions: =; x");
    }),
    quirk("requests-another-host", "names another host than that of the URL", |m| {
        m.request = |r, _| with(&without(&r, "Host:"), "Host: example.com");
    }),
    quirk("requests-host-without-port", "leaves out the port in Host", |m| {
        m.request = |r, url| with(&without(&r, "Host:"), &format!("Host: {}", url.host_str().unwrap_or_default()));
    }),
    quirk("requests-with-the-user-in-host", "puts the user information of the URL into Host", |m| {
        m.request = |r, url| match url.username() {
            "" => r,
            user => r.replacen("Host: ", &format!("Host: {user}@"), 1),
        };
    }),
    quirk("requests-with-two-versions", "sends Sec-WebSocket-Version twice", |m| {
        m.request = |r, _| with(&r, "Sec-WebSocket-Version: 13");
    }),
    quirk("requests-without-the-query", "leaves out the query of the URL", |m| {
        m.request = |r, _| change_target(&r, |target| target.split('?').next().unwrap_or_default().to_owned());
    }),
    quirk("requests-the-root", "asks for / whatever the path", |m| {
        m.request = |r, _| change_target(&r, |_| "/".to_owned());
    }),
    quirk("requests-without-a-slash", "begins the target of a URL without path with the query", |m| {
        m.request = |r, _| r.replacen("GET /?", "GET ?", 1);
    }),
    quirk("encodes-percents-again", "encodes what is encoded in the URL already", |m| {
        m.request = |r, _| change_target(&r, |target| target.replace('%', "%25"));
    }),
    quirk("decodes-escaped-hashes", "writes # where the URL has %23", |m| {
        m.request = |r, _| change_target(&r, |target| target.replace("%23", "#"));
    }),
    quirk("cuts-long-targets", "cuts the target behind 2000 octets", |m| {
        m.request = |r, _| change_target(&r, |target| target[..target.len().min(2000)].to_owned());
    }),
    quirk("joins-slashes", "makes one slash of two", |m| {
        m.request = |r, _| change_target(&r, |target| target.replace("//", "/"));
    }),
    quirk("drops-path-parameters", "leaves out what stands behind a semicolon in the path", |m| {
        m.request = |r, _| change_target(&r, |target| target.split(';').next().unwrap_or_default().to_owned());
    }),
    quirk("refuses-well-known-paths", "does not connect for paths below /.well-known", |m| {
        m.declines = |url| url.path().starts_with("/.well-known");
    }),
    quirk("sends-the-fragment-escaped", "sends the fragment of the URL as a part of the path", |m| {
        m.request = |r, url| match url.fragment() {
            Some(fragment) => change_target(&r, |target| format!("{target}%23{fragment}")),
            None => r,
        };
    }),
    quirk("connects-in-clear-text-to-wss", "speaks HTTP where TLS is asked for", |m| m.speaks_tls = Secure::ClearText),
    quirk("says-hello-without-a-name", "leaves the name of the server out of its ClientHello", |m| {
        m.care.names_server = false;
    }),
    quirk("connects-to-any-scheme", "does not look at the scheme of the URL", |m| m.takes_any_scheme = true),
    quirk("sends-blanks-of-bad-urls", "asks for a path with a blank as it is", |m| {
        m.request = |r, _| change_target(&r, |target| target.replace("%20", " "));
    }),
    quirk("sends-a-frame-before-the-response", "sends a message behind its request", |m| {
        m.behind_request = b"\x81\x85\x01\x02\x03\x04Igohn";
    }),
    quirk("ends-requests-with-more", "sends an empty line too much behind its request", |m| {
        m.behind_request = b"\r\n";
    }),
    quirk("uses-one-nonce", "sends the same key with each request", |m| {
        m.key = |_| "dGhlIHNhbXBsZSBub25jZQ==".to_owned();
    }),
    quirk("requests-with-a-bare-cr", "puts a CR alone into a value", |m| m.request = |r, _| with(&r, "X-Info: a\rb")),
    quirk("requests-with-a-control-octet", "puts a control octet into a value", |m| {
        m.request = |r, _| with(&r, "X-Info: a\u{1}b");
    }),
    quirk("requests-without-a-colon", "sends a line without a colon", |m| m.request = |r, _| with(&r, "X-Info")),
    quirk("requests-with-a-name-of-two-words", "sends a field whose name has a space", |m| {
        m.request = |r, _| with(&r, "X Info: a");
    }),
    quirk("requests-with-a-folded-field", "folds a field over two lines", |m| {
        m.request = |r, _| with(&r, "X-Info: a\r\n b");
    }),
    quirk("requests-without-http", "leaves the version out of its request line", |m| {
        m.request = |r, _| r.replacen(" HTTP/1.1", "", 1);
    }),
    quirk("expects-100-continue", "sends Expect without content", |m| {
        m.request = |r, _| with(&r, "Expect: 100-continue");
    }),
    quirk("requests-with-empty-list-members", "writes a comma too much in Connection", |m| {
        m.request = |r, _| r.replace("Connection: Upgrade", "Connection: , Upgrade");
    }),
    quirk("offers-unregistered-extensions", "offers an extension that no registry knows", |m| {
        m.request = |r, _| with(&r, "Sec-WebSocket-Extensions: x-wsspec");
    }),
    quirk("offers-unknown-parameters", "offers permessage-deflate with a parameter that it does not have", |m| {
        m.request = |r, _| with(&r, "Sec-WebSocket-Extensions: permessage-deflate; level=9");
    }),
    quirk("offers-quoted-blanks", "offers a parameter whose quoted value is no token", |m| {
        m.request = |r, _| with(&r, "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=\"1 0\"");
    }),
];

/// Puts another target into the request line.
fn change_target(request: &str, change: impl Fn(&str) -> String) -> String {
    let Some((target, rest)) = request.strip_prefix("GET ").and_then(|rest| rest.split_once(" HTTP/")) else {
        return request.to_owned();
    };
    format!("GET {} HTTP/{rest}", change(target))
}
