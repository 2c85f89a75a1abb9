//! Identifiers of elements. SPDX 2.3 takes letters, digits, `.` and `-` (7.2), and so do we in 3.0.1's IRIs.

/// `SPDXRef-` and the component's reference, without the `pkg:` of a package URL. Every other byte is written `--XX` in
/// hexadecimal digits, and so is a hyphen that would be read as the beginning of that: two references never have one
/// identifier, whatever they hold.
pub(super) fn of(reference: &str) -> String {
    format!("SPDXRef-{}", escaped(reference.strip_prefix("pkg:").unwrap_or(reference)))
}

/// The same for a text of any kind.
pub(super) fn escaped(text: &str) -> String {
    let bytes = text.as_bytes();
    let stays = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.';
    let mut out = String::with_capacity(text.len() + 16);
    for (at, &byte) in bytes.iter().enumerate() {
        let is_alone = || bytes.get(at + 1).is_some_and(|next| stays(*next));
        if stays(byte) || byte == b'-' && is_alone() {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("--{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{escaped, of};
    use proptest::prelude::*;

    #[test]
    fn identifiers_can_be_read() {
        assert_eq!(of("pkg:npm/left-pad@1.3.0"), "SPDXRef-npm--2Fleft-pad--401.3.0");
        assert_eq!(of("root:the repository"), "SPDXRef-root--3Athe--20repository");
        assert_eq!((escaped("a-"), escaped("a--b"), escaped("-@")), ("a--2D".into(), "a--2D-b".into(), "--2D--40".into()));
    }

    /// The way back, which shows that no two texts have one identifier.
    fn text(escaped: &str) -> Vec<u8> {
        let (mut rest, mut out) = (escaped, Vec::new());
        while let Some(first) = rest.bytes().next() {
            match rest.strip_prefix("--") {
                Some(hex) => {
                    out.push(u8::from_str_radix(&hex[..2], 16).unwrap());
                    rest = &hex[2..];
                }
                None => {
                    out.push(first);
                    rest = &rest[1..];
                }
            }
        }
        out
    }

    proptest! {
        #[test]
        fn no_two_texts_have_one_identifier(any in "\\PC{0,30}", hyphens in "[-a@.]{0,12}") {
            for original in [any, hyphens] {
                let id = escaped(&original);
                prop_assert!(id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-'));
                prop_assert_eq!(text(&id), original.as_bytes());
            }
        }
    }
}
