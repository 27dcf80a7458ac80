//! The outline of an expression from its tokens: where arguments end, and whether it is one operand or several.
//!
//! A bar may begin a closure or be an operator, and `<` a path or a comparison; which of them it is depends on whether
//! an operand has just ended. That is all that is followed here. What stands inside brackets is not looked at.

use crate::tokens::{is_path_separator, is_punct};
use proc_macro2::{Punct, Spacing, TokenTree};

/// Keywords that an operand follows.
pub(crate) const PREFIXES: [&str; 23] = [
    "as", "async", "become", "break", "const", "dyn", "else", "for", "if", "in", "let", "loop",
    "match", "move", "mut", "ref", "return", "static", "unsafe", "where", "while", "yield", "box",
];

/// What has been seen at the top level of some tokens; every number is a position among them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Outline {
    /// The commas between expressions: not those of generic arguments or closure parameters.
    pub(crate) commas: Vec<usize>,
    /// The first operator, keyword or closure. Without one, the tokens are an operand and what is done to it with
    /// `.`, `?`, calls and indices.
    pub(crate) operator: Option<usize>,
    /// The last dot before a field or a method.
    pub(crate) last_dot: Option<usize>,
}

/// Reads expressions separated by commas.
pub(crate) fn outline(trees: &[TokenTree]) -> Outline {
    let mut outline = Outline::default();
    // Whether an operand comes next, and whether what is being read is the type of `as` or of a closure's result.
    let (mut expects, mut in_type) = (true, false);
    let mut at = 0;
    while let Some(tree) = trees.get(at) {
        let start = at;
        at += 1;
        let mark = match tree {
            TokenTree::Punct(mark) => mark,
            TokenTree::Ident(word) if PREFIXES.iter().any(|prefix| word == prefix) => {
                outline.operator.get_or_insert(start);
                in_type = word == "as" || (in_type && expects);
                expects = true;
                continue;
            }
            TokenTree::Ident(_) | TokenTree::Literal(_) | TokenTree::Group(_) => {
                expects = false;
                continue;
            }
        };
        match mark.as_char() {
            ',' => {
                outline.commas.push(start);
                (expects, in_type) = (true, false);
            }
            // A lifetime or a label: its name is no operand.
            '\'' => at += 1,
            // An attribute.
            '#' => at += 1,
            '?' => in_type = false,
            ':' if is_joint(mark, trees.get(at), ':') => {
                at += 1;
                if trees.get(at).is_some_and(|tree| is_punct(tree, '<')) {
                    at = after_angles(trees, at + 1);
                    expects = false;
                } else {
                    expects = true;
                }
            }
            '<' if expects || in_type => {
                at = after_angles(trees, at);
                expects = false;
            }
            '-' if is_joint(mark, trees.get(at), '>') => {
                at += 1;
                outline.operator.get_or_insert(start);
                (expects, in_type) = (true, true);
            }
            '|' if expects => {
                outline.operator.get_or_insert(start);
                let params = trees.iter().skip(at);
                at += 1 + params.take_while(|tree| !is_punct(tree, '|')).count();
                in_type = false;
            }
            '.' if !expects && !is_joint(mark, trees.get(at), '.') => {
                outline.last_dot = Some(start);
                (expects, in_type) = (true, false);
            }
            // The mark of a macro call.
            '!' if !expects && !is_joint(mark, trees.get(at), '=') => expects = true,
            operator => {
                outline.operator.get_or_insert(start);
                in_type = in_type && expects && matches!(operator, '*' | '&');
                expects = true;
                if matches!(operator, '|' | '<') && is_joint(mark, trees.get(at), operator) {
                    at += 1;
                }
            }
        }
    }
    outline
}

/// The expressions in `trees`, each with the comma behind it.
pub(crate) fn split(trees: &[TokenTree]) -> Vec<&[TokenTree]> {
    let (mut parts, mut start) = (Vec::new(), 0);
    for comma in outline(trees).commas {
        parts.push(&trees[start..=comma]);
        start = comma + 1;
    }
    if start < trees.len() {
        parts.push(&trees[start..]);
    }
    parts
}

fn is_joint(mark: &Punct, next: Option<&TokenTree>, other: char) -> bool {
    mark.spacing() == Spacing::Joint && next.is_some_and(|next| is_punct(next, other))
}

/// The position behind the `>` that closes the angle bracket opened just before `at`.
fn after_angles(trees: &[TokenTree], mut at: usize) -> usize {
    let mut depth = 1_usize;
    while depth > 0 && at < trees.len() {
        let is_arrow = is_punct(&trees[at - 1], '-') || is_punct(&trees[at - 1], '=');
        if is_punct(&trees[at], '<') {
            depth += 1;
        } else if is_punct(&trees[at], '>') && !is_arrow {
            depth -= 1;
        }
        at += 1;
    }
    at
}

/// What a method is called on, and its name, if `trees` are what stands before a method call's parentheses: `a.name` or
/// `a.name::<T>`.
pub(crate) fn method_name<'t>(
    trees: &'t [TokenTree],
    outline: &Outline,
) -> Option<(&'t [TokenTree], &'t TokenTree)> {
    let dot = outline.last_dot?;
    let name = trees.get(dot + 1)?;
    let behind = &trees[dot + 2..];
    let is_name = match behind {
        [] => true,
        [first, second, ..] => is_path_separator(first, second),
        [_] => false,
    };
    (is_name && matches!(name, TokenTree::Ident(_))).then_some((&trees[..dot], name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proc_macro2::TokenStream;

    fn trees(text: &str) -> Vec<TokenTree> {
        let tokens: TokenStream = text.parse().expect("the case is made of tokens");
        tokens.into_iter().collect()
    }

    #[test]
    fn arguments_are_counted_as_the_compiler_does() {
        let cases = [
            ("", 0),
            ("a", 1),
            ("a,", 1),
            ("a, b", 2),
            ("&|a, b| a + b, c", 2),
            ("&mut |a, b| a | b, c", 2),
            ("|| a, || b", 2),
            ("move |a: HashMap<A, B>, b| -> HashMap<A, B> { a }, c", 2),
            ("|x| |y, z| x, c", 2),
            ("|x||y, z| x, c", 2),
            ("a || b, c || d", 2),
            ("a || |x, y| b, c", 2),
            ("a | b, c | d", 2),
            ("a < b, c > d", 2),
            ("a << b, c >> d", 2),
            ("a << <A as B<C, D>>::E, c", 2),
            ("a <= b, c >= d", 2),
            ("<A as B<C, D>>::e, f", 2),
            ("&<A as B<C, D>>::e(), f", 2),
            ("<<A as B<C, D>>::E as F>::g, f", 2),
            ("f::<A, B>(), Vec::<(A, B)>::new(), c", 3),
            ("f::<fn(A) -> B, C>(), c", 2),
            ("x as *const Map<A, B>, c", 2),
            ("x as *mut &'a Map<A, B> , c", 2),
            ("x as fn(A) -> Map<A, B>, c", 2),
            ("x as <A as B<C, D>>::E, c", 2),
            ("x as usize * y < z, w > v", 2),
            ("x as a::b::Map<A, B>, y < z, w > v", 3),
            ("if a < b { c } else { d }, e", 2),
            ("if let A::<B, C>::D | E = x { c } else { d }, e", 2),
            ("match x { a | b => c, d => e } | f, g", 2),
            ("a.b.0.c::<A, B>(x, y)?, d", 2),
            ("vec![a, b], c != d, !e, f!{}", 4),
            ("'a: { break 'a |x, y| x }, b", 2),
            ("..a, b..=c, d.., e", 4),
            ("return |a, b| c, d", 2),
            ("*a, &&|b, c| d, -e", 3),
            ("r#as < b, c > d", 2),
            ("#[inline] |a, b| c, d", 2),
        ];
        for (text, count) in cases {
            assert_eq!(split(&trees(text)).len(), count, "{text}");
        }
    }

    #[test]
    fn one_operand_is_told_from_several() {
        for text in ["(self.op)", "a.b.0", "f(x)?", "a[i]", "a.b::<A, B>(x)(y)"] {
            assert_eq!(outline(&trees(text)).operator, None, "{text}");
        }
        let several = [
            "a + f",
            "!f",
            "-f",
            "*f",
            "&f",
            "return",
            "move |a| f",
            "|| f",
            "a..f",
            "a as f",
            "a != f",
            "a < f",
            "unsafe { f }",
            "a = f",
            "await || f",
            "if a { b } else { c }",
        ];
        for text in several {
            assert_ne!(outline(&trees(text)).operator, None, "{text}");
        }
    }

    #[test]
    fn methods_are_told_from_fields_that_are_called() {
        let is_method = |text: &str| {
            let trees = trees(text);
            method_name(&trees, &outline(&trees)).is_some()
        };
        for text in [
            "a.f",
            "a.b.f",
            "a.0.f",
            "a.f::<A, B>",
            "x().f",
            "(a + b).f",
            "a?.f",
        ] {
            assert!(is_method(text), "{text}");
        }
        for text in ["a.0", "(a.f)", "a.f()", "a.f[0]", "a.f?", "f", "a.0.1"] {
            assert!(!is_method(text), "{text}");
        }
    }
}
