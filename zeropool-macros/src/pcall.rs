//! The call of `zp::pcall!`.
//!
//! The macro itself is `macro_rules!`, which hands over `[$crate] (part) (part) …`: what stands between its commas. The
//! call is taken apart here, because its arguments are evaluated at once and the call itself, perhaps, later.
//!
//! The arguments become those of a closure around the call, which is called on the spot:
//! `(|a, b| pcall(…, move || f(a, b)))(x, y)`. In this way they are coerced and inferred as arguments of `f`, their
//! temporaries live as long, and they may leave the caller's function.

use crate::arm::{Arm, as_task_call, closure_start, unwrap_invisible};
use crate::errors::Errors;
use crate::expression::{method_name, outline, split};
use crate::tokens::{as_written, is_punct, is_word, located_at};
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

const FORM: &str = "`zp::pcall!(s, f(x))`";
const NOT_A_CALL: &str = "write a call: `zp::pcall!(s, f(x))`; for anything else make it a function, or use `s.spawn(|| …)`";

/// A longer expression is not repeated in a message.
const RECEIVER_MAX: usize = 20;

#[derive(Clone, Copy)]
enum Level {
    Adaptive,
    Standard,
    Minimal,
}

impl Level {
    fn tokens(self, private: &TokenStream, span: Span) -> TokenStream {
        match self {
            Self::Adaptive => quote_spanned!(span=> #private::Level::Adaptive),
            Self::Standard => quote_spanned!(span=> #private::Level::Standard),
            Self::Minimal => quote_spanned! {span=>
                if ::core::cfg!(debug_assertions) { #private::Level::Standard } else { #private::Level::Plain }
            },
        }
    }
}

/// What is called, with what.
struct Call {
    callee: Callee,
    /// As written in the source, for reports.
    name: String,
    arguments: Vec<TokenStream>,
    /// The parentheses.
    parens: Span,
    /// Of the call as a whole.
    ends: (Span, Span),
}

enum Callee {
    /// Named inside the closure, so that generics, items and methods are what they are in a plain call.
    Path(TokenStream),
    /// The struct of a task function, whose lent parameters are `_`.
    Task(TokenStream),
    /// Evaluated before the arguments.
    Value(TokenStream),
}

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let mut trees = input.into_iter();
    let krate = match trees.next() {
        Some(TokenTree::Group(group)) => group.stream(),
        _ => quote!(::zp),
    };
    let parts = trees.filter_map(|tree| match tree {
        TokenTree::Group(group) => Some(Arm::new(group.stream())),
        _ => None,
    });
    let parts: Vec<Arm> = parts.collect();
    let expansion = read(&parts, &krate, &mut errors)
        .map(|(scope, level, call)| emit(&krate, scope, level, &call));
    match expansion {
        Some(expansion) if !errors.any() => expansion,
        _ => {
            let errors = errors.into_tokens(&TokenStream::new());
            quote!({ #errors })
        }
    }
}

/// The scope, the level and the call; `None` after a mistake that leaves no call.
fn read<'p>(
    parts: &'p [Arm],
    krate: &TokenStream,
    errors: &mut Errors,
) -> Option<(&'p TokenStream, Level, Call)> {
    match parts {
        [] => errors.push(syn::Error::new(
            Span::call_site(),
            format!("write a scope and a call: {FORM}, inside `zp::scope(|s| …)`"),
        )),
        [only] if ends_in_parens(&only.tokens) => errors.at(
            &only.tokens,
            format!("the scope comes first: {FORM}, inside `zp::scope(|s| …)`"),
        ),
        [only] => errors.at(
            &only.tokens,
            format!("write a call behind the scope: {FORM}"),
        ),
        [scope, call] => {
            if let Some(word) = word(call).filter(|word| level(word).is_some()) {
                errors.at(
                    &word,
                    format!("write a call behind the level: `zp::pcall!(s, {word}, f(x))`"),
                );
                return None;
            }
            let call = Call::read(call, krate, errors)?;
            return Some((&scope.tokens, Level::Adaptive, call));
        }
        [scope, middle, call] => {
            let Some(word) = word(middle) else {
                misplaced(middle, call, errors);
                return None;
            };
            let level = level(&word);
            if level.is_none() {
                errors.at(
                    &word,
                    format!("`{word}` is no level: write `standard`, `minimal`, or none for a call that adapts, {FORM}"),
                );
            }
            let call = Call::read(call, krate, errors)?;
            return Some((&scope.tokens, level?, call));
        }
        [_, _, _, surplus, ..] => one_call(surplus, errors),
    }
    None
}

/// Three parts, of which the second is no level.
fn misplaced(middle: &Arm, last: &Arm, errors: &mut Errors) {
    match word(last) {
        Some(word) if level(&word).is_some() => errors.at(
            &word,
            format!("the level comes before the call: `zp::pcall!(s, {word}, f(x))`"),
        ),
        _ if ends_in_parens(&middle.tokens) => one_call(last, errors),
        _ => errors.at(&middle.tokens, NOT_A_CALL),
    }
}

fn one_call(surplus: &Arm, errors: &mut Errors) {
    errors.at(
        &surplus.tokens,
        "one call only: write a `zp::pcall!` for each",
    );
}

/// The part, if it is a single word.
fn word(part: &Arm) -> Option<Ident> {
    syn::parse2(part.tokens.clone()).ok()
}

fn level(word: &Ident) -> Option<Level> {
    match word.to_string().as_str() {
        "standard" => Some(Level::Standard),
        "minimal" => Some(Level::Minimal),
        _ => None,
    }
}

fn ends_in_parens(tokens: &TokenStream) -> bool {
    matches!(tokens.clone().into_iter().last(), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis)
}

impl Call {
    fn read(part: &Arm, krate: &TokenStream, errors: &mut Errors) -> Option<Self> {
        let trees: Vec<TokenTree> = part.tokens.clone().into_iter().collect();
        if let Some(bar) = closure_start(&trees) {
            errors.at(bar, NOT_A_CALL);
            return None;
        }
        let (callee_trees, group) = match trees.split_last() {
            Some((TokenTree::Group(group), callee))
                if group.delimiter() == Delimiter::Parenthesis && !callee.is_empty() =>
            {
                (callee, group)
            }
            _ => {
                errors.at(&part.tokens, NOT_A_CALL);
                return None;
            }
        };
        let callee: TokenStream = callee_trees.iter().cloned().collect();
        let name = as_written(callee.clone());
        let mut group = group.clone();
        let callee = if let Some((path, arguments)) = as_task_call(&trees, krate) {
            group = arguments;
            Callee::Task(path)
        } else if syn::parse2::<syn::ExprPath>(callee.clone()).is_ok() {
            Callee::Path(unwrap_invisible(callee))
        } else {
            check_value(&part.tokens, callee_trees, &group, errors)?;
            Callee::Value(callee)
        };
        let arguments: Vec<TokenTree> = group.stream().into_iter().collect();
        let arguments = split(&arguments).into_iter().map(without_comma).collect();
        Some(Self {
            callee,
            name,
            arguments,
            parens: group.span(),
            ends: part.ends,
        })
    }

    /// As if it were the list of arguments that the user wrote.
    fn in_parens(&self, stream: TokenStream) -> Group {
        let mut group = Group::new(Delimiter::Parenthesis, stream);
        group.set_span(self.parens);
        group
    }
}

/// Refuses what is called if it is no operand that has a value of its own.
fn check_value(
    part: &TokenStream,
    callee: &[TokenTree],
    arguments: &Group,
    errors: &mut Errors,
) -> Option<()> {
    let outline = outline(callee);
    let is_macro = callee.last().is_some_and(|last| is_punct(last, '!'));
    if outline.operator.is_some() || is_macro {
        errors.at(part, NOT_A_CALL);
        return None;
    }
    if let Some((receiver, name)) = method_name(callee, &outline) {
        let mut written = as_written(receiver.iter().cloned().collect());
        if written.len() > RECEIVER_MAX {
            written = String::from("a");
        }
        let generics = as_written(callee[receiver.len() + 2..].iter().cloned().collect());
        let rest = if arguments.stream().is_empty() {
            ""
        } else {
            ", …"
        };
        errors.at(
            name,
            format!("a method call does not say how it takes `{written}`: write `Type::{name}{generics}(&{written}{rest})`"),
        );
        return None;
    }
    let arguments: Vec<TokenTree> = arguments.stream().into_iter().collect();
    let lends = |argument: &&[TokenTree]| argument.first().is_some_and(|tree| is_word(tree, "_"));
    if let Some(argument) = split(&arguments).into_iter().find(lends) {
        errors.at(
            &argument[0],
            "`_` lends a buffer only in the call of a task function by its path: `path::function(argument, _)`",
        );
        return None;
    }
    Some(())
}

fn without_comma(argument: &[TokenTree]) -> TokenStream {
    let end = match argument {
        [rest @ .., last] if is_punct(last, ',') => rest,
        all => all,
    };
    end.iter().cloned().collect()
}

/// `(match s { scope => move |a, b| pcall(scope, site, level, move || f(a, b)) })(x, y)`
fn emit(krate: &TokenStream, scope: &TokenStream, level: Level, call: &Call) -> TokenStream {
    let span = Span::mixed_site().located_at(call.ends.0);
    let krate = located_at(krate, call.ends.0);
    let private = quote_spanned!(span=> #krate::__private);
    let names: Vec<Ident> = call
        .arguments
        .iter()
        .enumerate()
        .map(|(n, argument)| {
            let at = Span::mixed_site().located_at(argument.span());
            format_ident!("value_of_argument{n}", span = at)
        })
        .collect();
    let scope_name = Ident::new("scope_of_call", Span::mixed_site().located_at(scope.span()));
    let (taken, bound) = match &call.callee {
        Callee::Value(value) => (
            quote_spanned!(span=> (#scope, #value)),
            // A closure with variables of its own is called by `&mut`.
            quote_spanned!(span=> #[allow(unused_mut)] (#scope_name, mut value_of_callee)),
        ),
        _ => (scope.clone(), quote_spanned!(span=> #scope_name)),
    };
    let function = match &call.callee {
        Callee::Path(path) => path.clone(),
        Callee::Task(path) => {
            let function = Ident::new("__call", span.located_at(path.span()));
            quote_spanned!(span=> #path::#function)
        }
        Callee::Value(_) => quote_spanned!(span=> value_of_callee),
    };
    let infers = call.arguments.iter().any(is_closure);
    let named = match infers {
        true => quote_spanned!(span=> value_of_callee),
        false => function.clone(),
    };
    let passed = call.in_parens(quote_spanned!(span=> #(#names),*));
    let mut made = quote_spanned!(span=> #named #passed);
    if let Callee::Task(_) = call.callee {
        made = quote_spanned!(span=> #private::run_here(#made));
    }
    let site = site(&private, call);
    let level = level.tokens(&private, span);
    let mut offer = quote_spanned! {span=>
        move |#(#names),*| #private::pcall(#scope_name, #site, #level, move || #made)
    };
    if infers {
        offer = with_types(&function, &offer, names.len(), span);
    }
    let arguments = &call.arguments;
    let arguments = call.in_parens(quote_spanned!(span=> #(#arguments),*));
    quote_spanned!(span=> (match #taken { #bound => #offer }) #arguments)
}

fn is_closure(argument: &TokenStream) -> bool {
    let trees: Vec<TokenTree> = unwrap_invisible(argument.clone()).into_iter().collect();
    closure_start(&trees).is_some()
}

/// `offer`, a closure in which `function` is the function, with the types of that function's parameters.
///
/// From a closure's body alone the compiler learns only that its parameters can be coerced to those of the function. That is
/// not enough to infer the parameters of another closure, an argument, from the `impl Fn(T)` that it becomes.
fn with_types(
    function: &TokenStream,
    offer: &TokenStream,
    count: usize,
    span: Span,
) -> TokenStream {
    let types: Vec<Ident> = (0..count)
        .map(|n| format_ident!("A{n}", span = span))
        .collect();
    quote_spanned! {span=>
        ({
            fn typed<F, R, O, P, #(#types),*>(
                value_of_callee: F,
                value_of_offer: impl ::core::ops::FnOnce(F) -> O,
            ) -> impl ::core::ops::FnOnce(#(#types),*) -> P
            where
                F: ::core::ops::FnOnce(#(#types),*) -> R,
                O: ::core::ops::FnOnce(#(#types),*) -> P,
            {
                value_of_offer(value_of_callee)
            }
            typed
        })(
            #function,
            move |#[allow(unused_mut)] mut value_of_callee| #offer,
        )
    }
}

/// The record of this place in the program; in a block of its own, where it hides nothing of the user's.
fn site(private: &TokenStream, call: &Call) -> TokenStream {
    let span = Span::mixed_site().located_at(call.ends.0);
    let name = &call.name;
    quote_spanned! {span=>
        {
            static SITE: #private::CallSite = #private::CallSite::new(
                #name,
                ::core::file!(),
                ::core::line!(),
                ::core::column!(),
            );
            &SITE
        }
    }
}
