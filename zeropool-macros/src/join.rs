//! The arms of `zp::join!` and `zp::try_join!`.
//!
//! The macros themselves are `macro_rules!`, for the sake of `$crate` and of a readable signature; they hand over
//! `[$crate] (arm) (arm) …`. A procedural macro has to look at the arms because of two things that no pattern can
//! tell: what kind of expression an arm is, and where the `_` in it stands.
//!
//! Arms become closures, and the closures nested calls of the function `join`. Nothing may end an arm but its own
//! end: a `return` or `?` that would leave it finds a return type, `JoinArm<_>`, that nobody can make. Where it can
//! be told from the tokens alone, it is refused here already, with what to write instead.

use crate::errors::Errors;
use crate::tokens::{find, is_path_separator, is_punct, is_word};
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

const MOST_ARMS: usize = 12;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Join,
    TryJoin,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Join => "join",
            Self::TryJoin => "try_join",
        }
    }
}

pub(crate) fn expand(kind: Kind, input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let mut trees = input.into_iter();
    let krate = match trees.next() {
        Some(TokenTree::Group(group)) => group.stream(),
        _ => quote!(::zp),
    };
    let arms = trees.filter_map(|tree| match tree {
        TokenTree::Group(group) => Some(unwrap_invisible(group.stream())),
        _ => None,
    });
    let arms: Vec<TokenStream> = arms.collect();
    if let Some(surplus) = arms.get(MOST_ARMS) {
        let name = kind.name();
        errors.at(
            surplus,
            format!(
                "at most {MOST_ARMS} arms: nest the rest, `zp::{name}!(a, b, zp::{name}!(c, d))`"
            ),
        );
    }
    let arms: Vec<TokenStream> = arms
        .into_iter()
        .map(|arm| read_arm(arm, kind, &krate, &mut errors))
        .collect();
    if errors.any() {
        let errors = errors.into_tokens();
        return quote!({ #errors });
    }
    nest(kind, &krate, &arms)
}

/// The contents of `$arm:expr`, which comes wrapped in groups that nobody sees.
fn unwrap_invisible(tokens: TokenStream) -> TokenStream {
    let mut trees = tokens.clone().into_iter();
    match (trees.next(), trees.next()) {
        (Some(TokenTree::Group(group)), None) if group.delimiter() == Delimiter::None => {
            unwrap_invisible(group.stream())
        }
        _ => tokens,
    }
}

/// Checks one arm, and makes it the expression that its closure evaluates.
fn read_arm(arm: TokenStream, kind: Kind, krate: &TokenStream, errors: &mut Errors) -> TokenStream {
    let trees: Vec<TokenTree> = arm.clone().into_iter().collect();
    if let Some(bar) = closure_start(&trees) {
        errors.at(bar, "an arm is already run like a closure: write the expression itself, `f()` instead of `|| f()`");
        return arm;
    }
    if let Some((exit, instead)) = early_exit(&trees, kind) {
        errors.at(
            &exit,
            format!(
                "`{exit}` cannot leave an arm of `{}!`: {instead}",
                kind.name()
            ),
        );
        return arm;
    }
    match as_task_call(&trees, krate) {
        TaskCall::No => arm,
        TaskCall::Yes { path, arguments } => {
            let span = Span::mixed_site();
            let call = Ident::new("__call", span.located_at(path.span()));
            quote_spanned!(span=> #krate::__private::run_here(#path::#call #arguments))
        }
        TaskCall::Elsewhere(underscore) => {
            errors.at(underscore, "`_` lends a buffer only where the arm is one call of a task function: `path::function(argument, _)`");
            arm
        }
    }
}

/// The first bar of `|…| …`, `move |…| …` and the like, if that is all the arm is.
fn closure_start(trees: &[TokenTree]) -> Option<&TokenTree> {
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

/// A token that leaves the arm for certain, and what to write instead. An arm with closures, functions or loops of
/// its own may contain such tokens for good reasons; that is left to the compiler.
fn early_exit(trees: &[TokenTree], kind: Kind) -> Option<(TokenTree, &'static str)> {
    let arm: TokenStream = trees.iter().cloned().collect();
    let has = |wanted: &mut dyn FnMut(&TokenTree) -> bool| find(arm.clone(), wanted).is_some();
    if has(&mut |tree| {
        is_punct(tree, '|')
            || is_punct(tree, '!')
            || ["fn", "async", "impl", "try"]
                .iter()
                .any(|word| is_word(tree, word))
    }) {
        return None;
    }
    let question = match kind {
        Kind::Join => {
            "let the arm have the `Result` for its value and use `?` on the join's, or use `zp::try_join!`; a function called by the arm may use `?` freely"
        }
        Kind::TryJoin => {
            "let the arm have the `Result` for its value and write `?` behind `try_join!(…)`; a function called by the arm may use `?` freely"
        }
    };
    if let Some(mark) = find(arm.clone(), &mut |tree| is_punct(tree, '?')) {
        return Some((mark, question));
    }
    if let Some(word) = find(arm.clone(), &mut |tree| is_word(tree, "return")) {
        return Some((
            word,
            "the arm's value is what its expression evaluates to; leave after the join",
        ));
    }
    if has(&mut |tree| {
        is_punct(tree, '\'')
            || ["loop", "while", "for"]
                .iter()
                .any(|word| is_word(tree, word))
    }) {
        return None;
    }
    let exit = find(arm.clone(), &mut |tree| {
        is_word(tree, "break") || is_word(tree, "continue")
    })?;
    Some((
        exit,
        "the loop around the join is left after the join, not inside it",
    ))
}

enum TaskCall {
    No,
    /// A call of `path` with `_` among its arguments; there they are replaced already.
    Yes {
        path: TokenStream,
        arguments: TokenStream,
    },
    /// A `_` that is an argument, but not of such a call.
    Elsewhere(TokenTree),
}

fn as_task_call(trees: &[TokenTree], krate: &TokenStream) -> TaskCall {
    let Some((TokenTree::Group(group), path)) = trees.split_last() else {
        return TaskCall::No;
    };
    if group.delimiter() != Delimiter::Parenthesis || path.is_empty() {
        return TaskCall::No;
    }
    let Some((underscore, arguments)) = lend(group, krate) else {
        return TaskCall::No;
    };
    let path: TokenStream = path.iter().cloned().collect();
    match syn::parse2::<syn::ExprPath>(path.clone()) {
        Ok(_) => TaskCall::Yes {
            path: unwrap_invisible(path),
            arguments,
        },
        Err(_) if is_method_call(trees) => TaskCall::Elsewhere(underscore),
        // `let Some(_) = …` and others in which a pattern stands at the end: for the compiler to judge.
        Err(_) => TaskCall::No,
    }
}

/// `value.method(…)` as a whole, as far as tokens tell.
fn is_method_call(trees: &[TokenTree]) -> bool {
    let statement = ["let", "match", "if", "while", "for"];
    let simple = !trees
        .iter()
        .any(|tree| statement.iter().any(|word| is_word(tree, word)) || is_punct(tree, '|'));
    let [.., dot, TokenTree::Ident(_), TokenTree::Group(_)] = trees else {
        return false;
    };
    simple && is_punct(dot, '.')
}

/// The argument list with every argument that is just `_` replaced, and the first of those; `None` if none is.
fn lend(group: &Group, krate: &TokenStream) -> Option<(TokenTree, TokenStream)> {
    let mut first = None;
    let mut stream = TokenStream::new();
    for argument in split_arguments(group.stream()) {
        match argument.as_slice() {
            [underscore, comma @ ..] if is_word(underscore, "_") && comma.len() <= 1 => {
                let span = Span::mixed_site().located_at(underscore.span());
                first.get_or_insert_with(|| underscore.clone());
                stream.extend(quote_spanned!(span=> #krate::__private::Lent));
                stream.extend(comma.iter().cloned());
            }
            _ => stream.extend(argument),
        }
    }
    let mut arguments = Group::new(Delimiter::Parenthesis, stream);
    arguments.set_span(group.span());
    first.map(|first| (first, arguments.into_token_stream()))
}

/// The arguments with their commas. Commas between the angle brackets of generic arguments, and between the bars of
/// a closure's parameters, separate something else.
fn split_arguments(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let mut arguments = vec![Vec::new()];
    let (mut angles, mut in_bars) = (0_usize, false);
    for (at, tree) in trees.iter().enumerate() {
        let current = arguments.last().map_or(0, Vec::len);
        let before = |n: usize| (n <= at && n <= current).then(|| &trees[at - n]);
        if is_punct(tree, '|') {
            let starts = before(1).is_none_or(|before| {
                ["move", "static", "async"]
                    .iter()
                    .any(|word| is_word(before, word))
            });
            in_bars = starts && !in_bars;
        } else if is_punct(tree, '<') {
            let turbofish = matches!((before(2), before(1)), (Some(first), Some(second)) if is_path_separator(first, second));
            if angles > 0 || turbofish || current == 0 {
                angles += 1;
            }
        } else if is_punct(tree, '>')
            && !before(1).is_some_and(|before| is_punct(before, '-') || is_punct(before, '='))
        {
            angles = angles.saturating_sub(1);
        }
        let ends = is_punct(tree, ',') && angles == 0 && !in_bars;
        if let Some(argument) = arguments.last_mut() {
            argument.push(tree.clone());
        }
        if ends {
            arguments.push(Vec::new());
        }
    }
    arguments
}

/// `join(|| a, || join(|| b, || c))`, and the results made flat.
fn nest(kind: Kind, krate: &TokenStream, arms: &[TokenStream]) -> TokenStream {
    let span = Span::mixed_site();
    let private = quote_spanned!(span=> #krate::__private);
    let closures: Vec<TokenStream> = arms
        .iter()
        .map(|arm| closure(kind, &private, arm))
        .collect();
    let names: Vec<Ident> = (0..arms.len())
        .map(|n| format_ident!("arm{n}", span = span))
        .collect();
    let Some((last, others)) = closures.split_last() else {
        return match kind {
            Kind::Join => quote_spanned!(span=> ()),
            Kind::TryJoin => quote_spanned!(span=> ::core::result::Result::Ok(())),
        };
    };
    let (last_name, other_names) = (&names[others.len()], &names[..others.len()]);
    let (mut call, mut pattern) = match kind {
        Kind::Join => (
            last.clone(),
            quote_spanned!(span=> #private::JoinArm(#last_name)),
        ),
        Kind::TryJoin => (last.clone(), quote_spanned!(span=> #last_name)),
    };
    for (depth, (closure, name)) in others.iter().zip(other_names).rev().enumerate() {
        match kind {
            Kind::Join => {
                let second = if depth == 0 {
                    call
                } else {
                    quote_spanned!(span=> || #call)
                };
                call = quote_spanned!(span=> #krate::join(#closure, #second));
                pattern = quote_spanned!(span=> (#private::JoinArm(#name), #pattern));
            }
            Kind::TryJoin => {
                let second = if depth == 0 {
                    call
                } else {
                    quote_spanned!(span=> || #private::JoinArm(#call))
                };
                call = quote_spanned!(span=> #private::try_join(#closure, #second));
                pattern = quote_spanned!(span=> (#name, #pattern));
            }
        }
    }
    if others.is_empty() {
        call = quote_spanned!(span=> #private::only_arm(#call));
        pattern = quote_spanned!(span=> #last_name);
    }
    match kind {
        Kind::Join => quote_spanned!(span=> match #call { #pattern => (#(#names,)*) }),
        Kind::TryJoin => quote_spanned! {span=>
            match #call {
                ::core::result::Result::Ok(#pattern) => ::core::result::Result::Ok((#(#names,)*)),
                ::core::result::Result::Err(error) => ::core::result::Result::Err(error),
            }
        },
    }
}

/// An arm as a closure, located where the user wrote it.
fn closure(kind: Kind, private: &TokenStream, arm: &TokenStream) -> TokenStream {
    let span = Span::mixed_site().located_at(arm.span());
    let annotation = match kind {
        Kind::Join => None,
        Kind::TryJoin => Some(quote_spanned!(span=> : ::core::result::Result<_, _>)),
    };
    let value = Ident::new("value", span);
    quote_spanned! {span=>
        || -> #private::JoinArm<_> {
            // An arm may well be `panic!(…)`.
            #[allow(clippy::diverging_sub_expression)]
            let #value #annotation = #arm;
            #[allow(unreachable_code)]
            #private::JoinArm(#value)
        }
    }
}
