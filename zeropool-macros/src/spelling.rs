//! Marks that are nearly spelled as such.
//!
//! An attribute of a parameter that nobody knows is an error anyway; which mark was meant can often be told.

use crate::signature::{Mark, MarkKind, Param};
use syn::Attribute;

/// Names of marks, and other words for the same.
const NAMES: [(&str, &str); 9] = [
    ("buf", "buf"),
    ("buffer", "buf"),
    ("cx", "cx"),
    ("context", "cx"),
    ("each", "each"),
    ("item", "each"),
    ("items", "each"),
    ("chunk", "chunk"),
    ("index", "index"),
];

/// Attributes that the compiler knows, and tools.
const KNOWN: [&str; 17] = [
    "allow",
    "cfg",
    "cfg_attr",
    "clippy",
    "cold",
    "deny",
    "deprecated",
    "doc",
    "expect",
    "forbid",
    "inline",
    "must_use",
    "rustfmt",
    "track_caller",
    "warn",
    "zp",
    "target_feature",
];

/// Takes attributes that must be meant as marks for these. If the function has attributes of other macros, theirs they may be.
pub(crate) fn correct(attrs: &[Attribute], params: &mut [Param]) {
    if attrs.iter().any(|attr| !is_known(attr)) {
        return;
    }
    for param in params {
        let Param::Typed(param) = param else { continue };
        let all = std::mem::take(&mut param.attrs);
        for attr in all {
            match meant(&attr) {
                Some(kind) => param.marks.push(Mark {
                    kind,
                    attr,
                    is_misspelt: true,
                }),
                None => param.attrs.push(attr),
            }
        }
    }
}

fn is_known(attr: &Attribute) -> bool {
    let first = attr.path().segments.first();
    first.is_some_and(|first| KNOWN.iter().any(|known| first.ident == known))
}

fn meant(attr: &Attribute) -> Option<MarkKind> {
    let segments = attr.path().segments.iter();
    let names: Vec<String> = segments.map(|segment| segment.ident.to_string()).collect();
    match names.as_slice() {
        [zp, name] if zp == "zp" => MarkKind::named(name),
        [name] if !is_known(attr) => {
            let near = |known: &str| {
                let limit = if known.len() < 4 { 1 } else { 2 };
                distance(name, known) <= limit
            };
            let (_, mark) = NAMES.iter().find(|(known, _)| near(known))?;
            MarkKind::named(mark)
        }
        _ => None,
    }
}

/// How many letters have to be changed, added or left out.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning(attr: &str) -> Option<&'static str> {
        let attr: proc_macro2::TokenStream = attr.parse().expect("the case is made of tokens");
        meant(&syn::parse_quote!(#attr)).map(MarkKind::as_written)
    }

    #[test]
    fn what_is_nearly_a_mark_is_taken_for_it() {
        let cases = [
            ("#[buff(8)]", "#[buf(LEN)]"),
            ("#[Buf(8)]", "#[buf(LEN)]"),
            ("#[buffer(8)]", "#[buf(LEN)]"),
            ("#[zp::buf(8)]", "#[buf(LEN)]"),
            ("#[ctx]", "#[cx]"),
            ("#[context]", "#[cx]"),
            ("#[eech]", "#[each]"),
            ("#[item]", "#[each]"),
            ("#[chunks(4)]", "#[chunk(N)]"),
            ("#[idx]", "#[index]"),
        ];
        for (attr, mark) in cases {
            assert_eq!(meaning(attr), Some(mark), "{attr}");
        }
    }

    #[test]
    fn other_attributes_are_left_alone() {
        for attr in [
            "#[cfg(x)]",
            "#[allow(x)]",
            "#[doc = \"x\"]",
            "#[expect(x)]",
            "#[case]",
            "#[future]",
            "#[by]",
            "#[tokio::cx]",
            "#[zp::other]",
        ] {
            assert_eq!(meaning(attr), None, "{attr}");
        }
    }
}
