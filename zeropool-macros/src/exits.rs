//! What would leave an arm: `?`, `return`, `break`, `continue` and `.await` that are the arm's own.
//!
//! Only tokens are looked at, and only what is certain is reported: what belongs to a closure, a function or an
//! `async` block inside the arm, or stands in the call of another macro, is left to the compiler, and where it is not plain how far
//! one of these reaches, more is left than need be.

use crate::expression::{PREFIXES, outline};
use crate::tokens::{is_punct, lifetimes};
use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// A token that leaves the arm for certain.
#[derive(Debug)]
pub(crate) enum Exit {
    Question(TokenTree),
    Return(TokenTree),
    /// `break` or `continue`.
    Loop(TokenTree),
    Await(TokenTree),
}

/// Words after which comes something with a body of its own.
const BODIES: [&str; 9] = [
    "fn", "impl", "async", "gen", "try", "trait", "struct", "enum", "union",
];

/// The first one in `arm`.
pub(crate) fn first_exit(arm: &[TokenTree]) -> Option<Exit> {
    let labels = declared_labels(arm);
    Level {
        trees: arm,
        labels: &labels,
        in_loop: false,
    }
    .first_exit()
}

/// The tokens between two brackets.
struct Level<'t> {
    trees: &'t [TokenTree],
    /// All labels of the arm: one of these is never left by mistake.
    labels: &'t [String],
    in_loop: bool,
}

impl Level<'_> {
    fn first_exit(&self) -> Option<Exit> {
        let trees = self.trees;
        let mut at = 0;
        // Whether a brace may be the body of a loop, and how far.
        let mut loops = Loops::None;
        while let Some(tree) = trees.get(at) {
            let before = at.checked_sub(1).and_then(|before| trees.get(before));
            at += 1;
            match tree {
                TokenTree::Ident(word) => match word.to_string().as_str() {
                    "return" => return Some(Exit::Return(tree.clone())),
                    "break" | "continue" if self.leaves(at) => {
                        return Some(Exit::Loop(tree.clone()));
                    }
                    "await" if before.is_some_and(|before| is_punct(before, '.')) => {
                        return Some(Exit::Await(tree.clone()));
                    }
                    "loop" => loops = Loops::Next,
                    "while" => loops = Loops::Statement,
                    "for" if !trees.get(at).is_some_and(|next| is_punct(next, '<')) => {
                        loops = Loops::Statement;
                    }
                    word if BODIES.contains(&word) => at = self.behind_body(at),
                    _ => {}
                },
                TokenTree::Punct(mark) => match mark.as_char() {
                    '?' if ends_operand(before) => return Some(Exit::Question(tree.clone())),
                    ';' => loops = Loops::None,
                    // A lifetime or a label, an attribute.
                    '\'' | '#' => at += 1,
                    '!' if is_name(before) => at = self.behind_macro(at),
                    '|' if !ends_operand(before) || is_brace(before) => {
                        let params = trees[at..].iter();
                        at += 1 + params.take_while(|tree| !is_punct(tree, '|')).count();
                        at = self.behind_closure(at);
                    }
                    '|' if mark.spacing() == Spacing::Joint => at += 1,
                    _ => {}
                },
                TokenTree::Group(group) => {
                    let inside: Vec<TokenTree> = group.stream().into_iter().collect();
                    let is_body = group.delimiter() == Delimiter::Brace && loops != Loops::None;
                    let level = Level {
                        trees: &inside,
                        in_loop: self.in_loop || is_body,
                        ..*self
                    };
                    if let Some(exit) = level.first_exit() {
                        return Some(exit);
                    }
                    if loops == Loops::Next && is_body {
                        loops = Loops::None;
                    }
                }
                TokenTree::Literal(_) => {}
            }
        }
        None
    }

    /// Whether the `break` or `continue` in front of `at` has no target in the arm.
    fn leaves(&self, at: usize) -> bool {
        match self.trees.get(at..) {
            Some([quote, TokenTree::Ident(label), ..]) if is_punct(quote, '\'') => {
                !self.labels.contains(&label.to_string())
            }
            _ => !self.in_loop,
        }
    }

    /// Behind the next braces, or the end of the statement if there are none before.
    fn behind_body(&self, at: usize) -> usize {
        let rest = self.trees.get(at..).unwrap_or_default();
        let end = rest
            .iter()
            .position(|tree| is_brace(Some(tree)) || is_punct(tree, ';'));
        end.map_or(self.trees.len(), |end| at + end + 1)
    }

    /// Behind the result type and the body of a closure that begin at `at`.
    fn behind_closure(&self, at: usize) -> usize {
        let rest = self.trees.get(at..).unwrap_or_default();
        // With a type there are braces too, and the type may have commas.
        if rest.first().is_some_and(|first| is_punct(first, '-')) {
            return self.behind_body(at);
        }
        let statement = rest.iter().take_while(|tree| !is_punct(tree, ';')).count();
        let comma = outline(&rest[..statement]).commas.first().copied();
        at + comma.unwrap_or(statement)
    }

    /// Behind what a macro is called with, if the mark in front of `at` calls one.
    fn behind_macro(&self, at: usize) -> usize {
        match self.trees.get(at..) {
            Some([TokenTree::Group(_), ..]) => at + 1,
            Some([TokenTree::Ident(_), TokenTree::Group(_), ..]) => at + 2,
            _ => at,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Loops {
    None,
    /// The next pair of braces.
    Next,
    /// All in this statement: `while` and `for` have an expression in front of their body.
    Statement,
}

fn is_name(tree: Option<&TokenTree>) -> bool {
    matches!(tree, Some(TokenTree::Ident(word)) if !PREFIXES.iter().any(|prefix| word == prefix))
}

fn is_brace(tree: Option<&TokenTree>) -> bool {
    matches!(tree, Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace)
}

/// Whether an operand ends here, so that what follows is an operator.
fn ends_operand(tree: Option<&TokenTree>) -> bool {
    match tree {
        Some(TokenTree::Ident(_)) => is_name(tree),
        Some(TokenTree::Literal(_) | TokenTree::Group(_)) => true,
        Some(TokenTree::Punct(mark)) => mark.as_char() == '?',
        None => false,
    }
}

/// Every label that is put on something in `arm`.
fn declared_labels(arm: &[TokenTree]) -> Vec<String> {
    let mut labels = Vec::new();
    for (at, tree) in arm.iter().enumerate() {
        match tree {
            TokenTree::Group(group) => {
                let inside: Vec<TokenTree> = group.stream().into_iter().collect();
                labels.extend(declared_labels(&inside));
            }
            _ if is_punct(tree, ':') && at >= 2 => {
                let label: TokenStream = arm[at - 2..at].iter().cloned().collect();
                labels.extend(lifetimes(label).iter().map(ToString::to_string));
            }
            _ => {}
        }
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exit(text: &str) -> Option<String> {
        let arm: TokenStream = text.parse().expect("the case is made of tokens");
        let arm: Vec<TokenTree> = arm.into_iter().collect();
        first_exit(&arm).map(|exit| match exit {
            Exit::Question(tree) | Exit::Return(tree) | Exit::Loop(tree) | Exit::Await(tree) => {
                tree.to_string()
            }
        })
    }

    #[test]
    fn what_leaves_an_arm_is_found() {
        let cases = [
            ("f()?", "?"),
            ("f(a?, b)", "?"),
            ("{ let n: u8 = text.parse()?; n }", "?"),
            ("a.map(|x| x + 1).collect::<Result<Vec<_>, _>>()?", "?"),
            ("f(|x| x?, y?)", "?"),
            ("f(|x| g::<A, B>(x), y?)", "?"),
            ("f(|x| -> Map<A, B> { x }, y?)", "?"),
            ("{ let f = |x| { x? }; f(y)? }", "?"),
            ("a | b?", "?"),
            ("a || b?", "?"),
            ("match a { 1 | 2 => b?, _ => c }", "?"),
            ("(a, b)?", "?"),
            ("{ a }?", "?"),
            ("a??", "?"),
            ("vec![1, 2].get(x?)", "?"),
            ("!f()?", "?"),
            ("a != b?", "?"),
            ("async { x? }.await", "await"),
            ("f().await", "await"),
            ("if a { return 1 } else { 2 }", "return"),
            ("{ let Some(x) = y else { return }; x }", "return"),
            ("{ fn f() -> u8 { return 1 } return f() }", "return"),
            ("break", "break"),
            ("if a { continue }", "continue"),
            ("{ while a {} break }", "break"),
            ("{ loop { break } continue }", "continue"),
            ("loop { break 'out }", "break"),
            ("{ for x in y { if x { continue 'rows } } }", "continue"),
            ("'a: { break 'b }", "break"),
        ];
        for (text, token) in cases {
            assert_eq!(exit(text).as_deref(), Some(token), "{text}");
        }
    }

    #[test]
    fn what_stays_inside_an_arm_is_not() {
        let cases = [
            "a + b",
            "a.iter().map(|x| x?)",
            "a.iter().map(|x, y| { x? + y? })",
            "f(|| return, 1)",
            "f(move || -> Option<u8> { return a })",
            "{ let f = |x: Option<u8>| { x? }; f }",
            "{ let f = |x: &str| -> Result<u8, Error> { Ok(x.parse::<u8>()? + 1) }; f }",
            "f(|x| -> Map<A, B> { x? }, 1)",
            "f(|x| g::<A, B>(x)?, 1)",
            "f(|a: Map<A, B>, b| a.get(b)?, 1)",
            "f(|x| a < b, |y| c > d?)",
            "{ fn f<A, B>(a: A) -> Result<A, B> { return Ok(a) } 1 }",
            "{ impl<A, B> C<A, B> { fn f() { return } } 1 }",
            "while f::<A, B>(x) { break }",
            "for x in f::<A, B>() { continue }",
            "{ let f = || a?; f() }",
            "async { x? }",
            "async move { f().await? }",
            "f(async |x| x.await)",
            "{ fn f() -> Option<u8> { None? } f() }",
            "{ struct A<T: ?Sized>(Box<T>); impl A<u8> { fn f() { return } } }",
            "{ fn f<T: ?Sized + Copy>(_: &T) {} }",
            "{ ensure!(a?); 1 }",
            "{ macro_rules! m { () => { return } } 1 }",
            "loop { break 1 }",
            "while a { break }",
            "for x in y { if x { continue } }",
            "while let Some(x) = match y { _ => None } { break }",
            "'a: { break 'a 1 }",
            "'a: loop { loop { break 'a } }",
            "{ #[allow(x?)] 1 }",
            "r#return + r#break",
            "a.r#await",
            "match a { | 1 | 2 => b, _ => c }",
        ];
        for text in cases {
            assert_eq!(exit(text), None, "{text}");
        }
    }
}
