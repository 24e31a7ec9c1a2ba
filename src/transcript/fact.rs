//! Facts that a strict endpoint would not let pass, named so that a monitor can refer to them.

macro_rules! facts {
    ($($(#[doc = $doc:literal])* $variant:ident = $name:literal,)*) => {
        /// What kind of fact it is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FactKind {
            $($(#[doc = $doc])* $variant,)*
        }

        impl FactKind {
            /// Every kind.
            pub const ALL: &[FactKind] = &[$(FactKind::$variant,)*];

            /// The name that monitors use.
            pub fn name(self) -> &'static str {
                match self {
                    $(FactKind::$variant => $name,)*
                }
            }
        }
    };
}

facts! {
    /// A frame with the MASK bit.
    MaskedFrame = "masked-frame",
    /// A frame without the MASK bit.
    UnmaskedFrame = "unmasked-frame",
    /// A reserved bit that no negotiated extension defines.
    ReservedBit = "reserved-bit",
    /// An opcode without a meaning.
    ReservedOpcode = "reserved-opcode",
    /// A longer length encoding than the length needs.
    LengthNotMinimal = "length-not-minimal",
    /// A 64-bit length with its most significant bit set.
    LengthMostSignificantBit = "length-most-significant-bit",
    /// A control frame without FIN.
    ControlFragmented = "control-fragmented",
    /// A control frame with more than 125 octets.
    ControlTooLong = "control-too-long",
    /// A continuation frame outside of a message.
    ContinuationWithoutStart = "continuation-without-start",
    /// A text or binary frame inside of a message.
    MessageInterleaved = "message-interleaved",
    /// A text message that is not UTF-8.
    TextNotUtf8 = "text-not-utf8",
    /// A Close payload of one octet.
    CloseOneByte = "close-one-byte",
    /// A status code below 1000.
    CloseCodeUnused = "close-code-unused",
    /// 1005, 1006 or 1015 on the wire.
    CloseCodeLocalOnly = "close-code-local-only",
    /// A status code that nobody has allotted.
    CloseCodeUnassigned = "close-code-unassigned",
    /// A code from 5000 on.
    CloseCodeUndefined = "close-code-undefined",
    /// 1010, which only a client has a use for.
    CloseCode1010 = "close-code-1010",
    /// A Close reason that is not UTF-8.
    CloseReasonNotUtf8 = "close-reason-not-utf8",
    /// A second Close.
    CloseRepeated = "close-repeated",
    /// A data frame behind a Close.
    DataAfterClose = "data-after-close",
    /// A ping or pong behind a Close.
    ControlAfterClose = "control-after-close",
    /// The end of the TCP connection without a Close from either end, although nothing was wrong.
    EndedWithoutClose = "ended-without-close",
    /// A ping that only asked whether the connection works was not answered.
    PingUnanswered = "ping-unanswered",
    /// A line of a head that ends with LF alone.
    HeadBareLf = "head-bare-lf",
    /// A CR in a head that no LF follows.
    HeadBareCr = "head-bare-cr",
    /// A control octet in a head.
    HeadControlOctet = "head-control-octet",
    /// A field line without a colon.
    HeadNoColon = "head-no-colon",
    /// A field name that is no token.
    HeadNameNotToken = "head-name-not-token",
    /// White space between field name and colon.
    HeadSpaceBeforeColon = "head-space-before-colon",
    /// A folded field line.
    HeadFolded = "head-folded",
    /// A response that opens nothing and breaks the grammar of HTTP.
    RefusalMalformed = "refusal-malformed",
    /// A first line that is no status line.
    HeadStatusLine = "head-status-line",
    /// No space behind the status code.
    HeadNoSpaceAfterStatus = "head-no-space-after-status",
    /// An empty member in a list of a head.
    HeadEmptyListMember = "head-empty-list-member",
    /// A 101 of HTTP/1.0.
    SwitchingInHttp10 = "switching-in-http-1.0",
    /// A 101 without Upgrade.
    UpgradeMissing = "upgrade-missing",
    /// A 101 whose Upgrade does not name websocket.
    UpgradeNotWebsocket = "upgrade-not-websocket",
    /// A 101 whose Connection does not name upgrade.
    ConnectionWithoutUpgrade = "connection-without-upgrade",
    /// A 101 without Sec-WebSocket-Accept.
    AcceptMissing = "accept-missing",
    /// A 101 whose Sec-WebSocket-Accept does not answer the key.
    AcceptWrong = "accept-wrong",
    /// A 101 with two Sec-WebSocket-Accept.
    AcceptRepeated = "accept-repeated",
    /// A 101 with two Sec-WebSocket-Protocol.
    ProtocolRepeated = "protocol-repeated",
    /// A 101 with a subprotocol that was not offered.
    ProtocolNotOffered = "protocol-not-offered",
    /// A 101 whose subprotocol is no token.
    ProtocolNotToken = "protocol-not-token",
    /// A 101 with an extension that was not offered.
    ExtensionNotOffered = "extension-not-offered",
    /// A 101 with an extension that no registry knows.
    ExtensionUnregistered = "extension-unregistered",
    /// A 101 with permessage-deflate and a parameter that it does not have.
    ExtensionParameterUnknown = "extension-parameter-unknown",
    /// A 101 with permessage-deflate and a parameter with a value that it cannot have, or without one that it needs.
    ExtensionParameterValue = "extension-parameter-value",
    /// A 101 with permessage-deflate and one parameter twice.
    ExtensionParameterRepeated = "extension-parameter-repeated",
    /// A 101 with two extensions that cannot be in use together.
    ExtensionsConflict = "extensions-conflict",
    /// A 101 with a window for a client that had not offered one.
    ClientWindowNotOffered = "client-window-not-offered",
    /// A 101 with permessage-deflate that answers none of the offers.
    DeflateNotAsOffered = "deflate-not-as-offered",
    /// The same, where only a window of the full size goes without saying.
    FullWindowUnsaid = "full-window-unsaid",
    /// A ping, a pong or a Close that is marked as compressed.
    CompressedControl = "compressed-control",
    /// A continuation frame that is marked as compressed.
    CompressedContinuation = "compressed-continuation",
    /// A compressed message that cannot be read.
    DeflateUndecodable = "deflate-undecodable",
    /// A compressed message with the four octets that are to be cut off.
    DeflateTailLeft = "deflate-tail-left",
    /// A final block with other bits than zeros up to the next octet.
    DeflatePadding = "deflate-padding",
    /// A reference beyond the window that was agreed.
    DeflateWindow = "deflate-window",
    /// A reference to an earlier message, where it was agreed that there is none.
    DeflateContext = "deflate-context",
    /// A Sec-WebSocket-Extensions that its grammar does not produce.
    ExtensionsMalformed = "extensions-malformed",
    /// Content-Length or Transfer-Encoding in a 101.
    BodyFieldsIn101 = "body-fields-in-101",
    /// A Sec-WebSocket-Version that is no list of versions.
    VersionListMalformed = "version-list-malformed",
    /// A first line that is no request line.
    RequestLine = "request-line",
    /// Another method than GET.
    RequestMethod = "request-method",
    /// A target that is neither a path nor an http URI, or that has a fragment.
    RequestTarget = "request-target",
    /// An HTTP version below 1.1.
    RequestHttpVersion = "request-http-version",
    /// No Host, or several.
    RequestHost = "request-host",
    /// No Upgrade that names websocket.
    RequestUpgrade = "request-upgrade",
    /// No Connection that names upgrade.
    RequestConnection = "request-connection",
    /// No Sec-WebSocket-Key, or several.
    RequestKeyMissing = "request-key-missing",
    /// A Sec-WebSocket-Key that is not the Base64 of 16 octets.
    RequestKeyMalformed = "request-key-malformed",
    /// A Sec-WebSocket-Version that is not 13.
    RequestVersion = "request-version",
    /// A request that announces a body.
    RequestBody = "request-body",
    /// Several Sec-WebSocket-Key.
    RequestKeyRepeated = "request-key-repeated",
    /// Several Sec-WebSocket-Version.
    RequestVersionRepeated = "request-version-repeated",
    /// A Host that does not name where the client was told to connect to.
    RequestHostOther = "request-host-other",
    /// A Host that is not the first field.
    RequestHostNotFirst = "request-host-not-first",
    /// An Expect field, although a handshake has no content.
    RequestExpect = "request-expect",
    /// No Origin, or several.
    RequestOriginMissing = "request-origin-missing",
    /// A Referer field.
    RequestReferer = "request-referer",
    /// A frame before the response was complete.
    FrameBeforeResponse = "frame-before-response",
    /// A Sec-WebSocket-Key that another connection had.
    NonceRepeated = "nonce-repeated",
    /// One masking key for several frames in a row.
    MaskKeyRepeated = "mask-key-repeated",
    /// Masking keys each of which tells the next.
    MaskKeyPredictable = "mask-key-predictable",
    /// An offered extension that no registry knows.
    OfferedExtensionUnregistered = "offered-extension-unregistered",
    /// An offer of permessage-deflate with a parameter that it does not have.
    OfferedParameterUnknown = "offered-parameter-unknown",
    /// An offer of permessage-deflate and a parameter with a value that it cannot have, or without one that it needs.
    OfferedParameterValue = "offered-parameter-value",
    /// An offer of permessage-deflate and one parameter twice.
    OfferedParameterRepeated = "offered-parameter-repeated",
    /// No offer of permessage-deflate.
    OfferedNoDeflate = "offered-no-deflate",
    /// Subprotocols in several fields.
    OfferedProtocolsSplit = "offered-protocols-split",
    /// An offered subprotocol that is no token, or an offer of none.
    OfferedProtocolNotToken = "offered-protocol-not-token",
    /// A subprotocol that is offered twice.
    OfferedProtocolRepeated = "offered-protocol-repeated",
    /// An offer of extensions that its grammar does not produce.
    OfferedExtensionsMalformed = "offered-extensions-malformed",
    /// A 401 without WWW-Authenticate.
    Status401WithoutWwwAuthenticate = "status-401-without-www-authenticate",
    /// A 405 without Allow.
    Status405WithoutAllow = "status-405-without-allow",
    /// A 426 without Upgrade.
    Status426WithoutUpgrade = "status-426-without-upgrade",
}

/// One such fact, with its witness in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The kind.
    pub kind: FactKind,
    /// What was seen, as in `ping with 126 octets`.
    pub detail: String,
}

impl Fact {
    /// A fact with its witness.
    pub fn new(kind: FactKind, detail: impl Into<String>) -> Fact {
        Fact { kind, detail: detail.into() }
    }
}
