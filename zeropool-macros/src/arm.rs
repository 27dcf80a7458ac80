//! One arm of a join: what kind of expression it is, whether it may be an arm, and where the `_` in it stands.
//!
//! Only tokens are looked at. What they cannot tell for certain is left to the compiler, whose types refuse it.

use crate::errors::Errors;
use crate::exits::{Exit, first_exit};
use crate::expression::split;
use crate::join::Kind;
use crate::tokens::{find, is_punct, is_word, located_at};
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::spanned::Spanned;

/// One arm: what was written, later what is evaluated instead.
pub(crate) struct Arm {
    pub(crate) tokens: TokenStream,
    /// Where the first and the last token of what was written are.
    pub(crate) ends: (Span, Span),
}

impl Arm {
    pub(crate) fn new(tokens: TokenStream) -> Self {
        let tokens = unwrap_invisible(tokens);
        let last = tokens.clone().into_iter().last();
        let ends = (
            tokens.span(),
            last.map_or_else(Span::call_site, |tree| tree.span()),
        );
        Self { tokens, ends }
    }

    /// Checks an arm, and makes it the expression that its closure evaluates.
    pub(crate) fn read(self, kind: Kind, krate: &TokenStream, errors: &mut Errors) -> Self {
        let trees: Vec<TokenTree> = self.tokens.clone().into_iter().collect();
        if let Some(bar) = closure_start(&trees) {
            errors.at(bar, "an arm is already run like a closure: write the expression itself, `f()` instead of `|| f()`");
            return self;
        }
        if let Some(exit) = first_exit(&trees) {
            refuse(&exit, kind, errors);
            return self;
        }
        if let Some((path, arguments)) = as_task_call(&trees, krate) {
            let span = Span::mixed_site().located_at(self.ends.0);
            let krate = located_at(krate, self.ends.0);
            let call = Ident::new("__call", span.located_at(path.span()));
            let tokens =
                quote_spanned!(span=> #krate::__private::run_here(#path::#call #arguments));
            return Self { tokens, ..self };
        }
        if let Some(underscore) = stray_underscore(&self.tokens) {
            errors.at(underscore, "`_` lends a buffer only where the arm is one call of a task function: `path::function(argument, _)`");
        }
        self
    }
}

/// The contents of `$arm:expr`, which comes wrapped in groups that nobody sees.
pub(crate) fn unwrap_invisible(tokens: TokenStream) -> TokenStream {
    let mut trees = tokens.clone().into_iter();
    match (trees.next(), trees.next()) {
        (Some(TokenTree::Group(group)), None) if group.delimiter() == Delimiter::None => {
            unwrap_invisible(group.stream())
        }
        _ => tokens,
    }
}

/// The first bar of `|…| …`, `move |…| …` and the like, if that is all the arm is.
pub(crate) fn closure_start(trees: &[TokenTree]) -> Option<&TokenTree> {
    let mut rest = trees;
    while let [first, others @ ..] = rest {
        if is_punct(first, '|') {
            return Some(first);
        }
        if !["move", "static", "async"]
            .iter()
            .any(|word| is_word(first, word))
        {
            return None;
        }
        rest = others;
    }
    None
}

/// What is wrong with something that leaves the arm, and what to write instead.
fn refuse(exit: &Exit, kind: Kind, errors: &mut Errors) {
    let name = kind.name();
    let (token, instead) = match exit {
        Exit::Question(mark) => {
            let instead = match kind {
                Kind::Join => {
                    "let the arm have the `Result` for its value and use `?` on the join's, or use `zp::try_join!`; a function called by the arm may use `?` freely"
                }
                Kind::TryJoin => {
                    "let the arm have the `Result` for its value and write `?` behind `try_join!(…)`; a function called by the arm may use `?` freely"
                }
            };
            (mark, instead)
        }
        Exit::Return(word) => (
            word,
            "the arm's value is what its expression evaluates to; leave after the join",
        ),
        Exit::Loop(word) => (
            word,
            "the loop around the join is left after the join, not inside it",
        ),
        Exit::Await(word) => {
            errors.at(word, format!("an arm of `{name}!` runs from start to end without suspending: await before the join, and use the value in the arm"));
            return;
        }
    };
    errors.at(
        token,
        format!("`{token}` cannot leave an arm of `{name}!`: {instead}"),
    );
}

/// The path and the arguments of a call with `_` among them; there they are replaced already.
pub(crate) fn as_task_call(
    trees: &[TokenTree],
    krate: &TokenStream,
) -> Option<(TokenStream, Group)> {
    let Some((TokenTree::Group(group), path)) = trees.split_last() else {
        return None;
    };
    let path: TokenStream = path.iter().cloned().collect();
    if group.delimiter() != Delimiter::Parenthesis
        || syn::parse2::<syn::ExprPath>(path.clone()).is_err()
    {
        return None;
    }
    let arguments = lend(group, krate)?;
    Some((unwrap_invisible(path), arguments))
}

/// A `_` that can only be meant as an argument of a call inside the arm. Where there may be patterns, none is certain.
fn stray_underscore(arm: &TokenStream) -> Option<TokenTree> {
    let mut patterns = |tree: &TokenTree| {
        is_punct(tree, '|')
            || is_punct(tree, '!')
            || ["let", "match", "for", "fn"]
                .iter()
                .any(|word| is_word(tree, word))
    };
    if find(arm.clone(), &mut patterns).is_some() {
        return None;
    }
    fn in_calls(tokens: TokenStream) -> Option<TokenTree> {
        let mut called = false;
        for tree in tokens {
            if let TokenTree::Group(group) = &tree {
                let is_call = called && group.delimiter() == Delimiter::Parenthesis;
                let inside: Vec<TokenTree> = group.stream().into_iter().collect();
                let underscore = split(&inside).into_iter().find_map(is_underscore);
                if let (true, Some(underscore)) = (is_call, underscore) {
                    return Some(underscore.clone());
                }
                if let Some(found) = in_calls(group.stream()) {
                    return Some(found);
                }
            }
            called = matches!(&tree, TokenTree::Ident(name) if name.to_string().starts_with(char::is_lowercase));
        }
        None
    }
    let mut trees = arm.clone().into_iter();
    match (trees.next(), trees.next()) {
        (Some(only), None) if is_word(&only, "_") => Some(only),
        _ => in_calls(arm.clone()),
    }
}

/// The `_` that is all there is to an argument, but for the comma behind it.
fn is_underscore(argument: &[TokenTree]) -> Option<&TokenTree> {
    match argument {
        [underscore] if is_word(underscore, "_") => Some(underscore),
        [underscore, comma] if is_word(underscore, "_") && is_punct(comma, ',') => Some(underscore),
        _ => None,
    }
}

/// The argument list with every argument that is just `_` replaced; `None` if none is.
fn lend(group: &Group, krate: &TokenStream) -> Option<Group> {
    let mut lends = false;
    let mut stream = TokenStream::new();
    let inside: Vec<TokenTree> = group.stream().into_iter().collect();
    for argument in split(&inside) {
        if let Some(underscore) = is_underscore(argument) {
            let at = underscore.span();
            let (krate, span) = (located_at(krate, at), Span::mixed_site().located_at(at));
            stream.extend(quote_spanned!(span=> #krate::__private::LentByWorker));
            stream.extend(argument.iter().skip(1).cloned());
            lends = true;
        } else {
            stream.extend(argument.iter().cloned());
        }
    }
    let mut arguments = Group::new(Delimiter::Parenthesis, stream);
    arguments.set_span(group.span());
    lends.then_some(arguments)
}
