//! A value as JSON, letter by letter as Python's `json.dumps(value, sort_keys=True)` writes it.

use super::tree::Item;

/// `None` for what may be written in more than one way.
pub fn written(item: &Item<'_>) -> Option<String> {
    let mut out = String::new();
    write(item, 0, &mut out).then_some(out)
}

/// Deeper than any manifest goes; each level is a call.
const DEEPEST: usize = 64;

fn write(item: &Item<'_>, depth: usize, out: &mut String) -> bool {
    match item {
        _ if depth > DEEPEST => return false,
        Item::Text(text) => write_string(text, out),
        Item::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Item::Integer { digits, radix: 10 } if digits.parse::<i64>().is_ok_and(|value| value.to_string() == **digits) => {
            out.push_str(digits)
        }
        Item::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                if !write(&item.item, depth + 1, out) {
                    return false;
                }
            }
            out.push(']');
        }
        Item::Table(table) => {
            out.push('{');
            for (at, (key, _, item)) in table.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                write_string(key, out);
                out.push_str(": ");
                if !write(&item.item, depth + 1, out) {
                    return false;
                }
            }
            out.push('}');
        }
        _ => return false,
    }
    true
}

/// ASCII alone: anything else becomes UTF-16 in escapes.
fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='\u{7f}' => out.push(c),
            c => out.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}"))),
        }
    }
    out.push('"');
}
