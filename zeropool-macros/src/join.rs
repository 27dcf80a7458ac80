//! The arms of `zp::join!` and `zp::try_join!`.
//!
//! The macros themselves are `macro_rules!`, for the sake of `$crate` and of a readable signature; they hand over
//! `[$crate] (arm) (arm) …`. A procedural macro has to look at the arms because of two things that no pattern can
//! tell: what kind of expression an arm is, and where the `_` in it stands.
//!
//! Arms become closures, and the closures nested calls of the function `join`. Nothing may end an arm but its own
//! end: a `return` or `?` that would leave it finds a return type, `JoinArm<_>`, that nobody can make. Where it can
//! be told from the tokens alone, it is refused here already, with what to write instead.

use crate::arm::Arm;
use crate::errors::Errors;
use crate::tokens::located_at;
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned};

const MOST_ARMS: usize = 12;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Join,
    TryJoin,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
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
        TokenTree::Group(group) => Some(Arm::new(group.stream())),
        _ => None,
    });
    let arms: Vec<Arm> = arms.collect();
    if let Some(surplus) = arms.get(MOST_ARMS) {
        let name = kind.name();
        let nested = format!("`zp::{name}!(a, b, zp::{name}!(c, d))`");
        errors.at(
            &surplus.tokens,
            format!("at most {MOST_ARMS} arms: nest the rest, {nested}"),
        );
    }
    let arms = arms
        .into_iter()
        .map(|arm| arm.read(kind, &krate, &mut errors));
    let arms: Vec<Arm> = arms.collect();
    if errors.any() {
        let errors = errors.into_tokens(&TokenStream::new());
        return quote!({ #errors });
    }
    nest(kind, &krate, &arms)
}

/// `join(|| a, || join(|| b, || c))`, and the results made flat.
fn nest(kind: Kind, krate: &TokenStream, arms: &[Arm]) -> TokenStream {
    let span = Span::mixed_site();
    let private = quote_spanned!(span=> #krate::__private);
    let names: Vec<Ident> = (0..arms.len())
        .map(|n| format_ident!("value_of_arm{n}", span = span))
        .collect();
    let mut rest = arms
        .iter()
        .map(|arm| closure(kind, krate, arm))
        .zip(&names)
        .rev();
    let Some((mut call, last)) = rest.next() else {
        return match kind {
            Kind::Join => quote_spanned!(span=> ()),
            Kind::TryJoin => quote_spanned!(span=> ::core::result::Result::Ok(())),
        };
    };
    let mut pattern = quote_spanned!(span=> #last);
    // The innermost call has two arms; each one around it has an arm and a closure that makes the inner call.
    for (depth, (closure, name)) in rest.enumerate() {
        let inner = match kind {
            _ if depth == 0 => call,
            Kind::Join => quote_spanned!(span=> || #call),
            Kind::TryJoin => quote_spanned!(span=> || #private::JoinArm::of(#call)),
        };
        let join = match kind {
            Kind::Join => quote_spanned!(span=> run_arms),
            Kind::TryJoin => quote_spanned!(span=> run_fallible_arms),
        };
        // In a block of its own: items have no hygiene, and an arm may name a `SITE` of the user's.
        let site = quote_spanned! {span=>
            { static SITE: #private::JoinSite = #private::JoinSite::new(); &SITE }
        };
        call = quote_spanned!(span=> #private::#join(#site, #closure, #inner));
        pattern = quote_spanned!(span=> (#name, #pattern));
    }
    if arms.len() == 1 {
        call = quote_spanned!(span=> (#call)());
    }
    match kind {
        Kind::Join => quote_spanned!(span=> match #call { #pattern => (#(#names.value(),)*) }),
        Kind::TryJoin => {
            if arms.len() == 1 {
                call = quote_spanned!(span=> #call.value());
            }
            quote_spanned! {span=>
                match #call {
                    ::core::result::Result::Ok(#pattern) => ::core::result::Result::Ok((#(#names,)*)),
                    ::core::result::Result::Err(error_of_join) => ::core::result::Result::Err(error_of_join),
                }
            }
        }
    }
}

// Variables of generated code have hygiene, and patterns have not quite: a `const` or `static` of the user's would be meant. Hence
// names that nobody gives to one.

/// An arm as a closure that reaches from the first to the last token of what the user wrote.
fn closure(kind: Kind, krate: &TokenStream, arm: &Arm) -> TokenStream {
    let Arm { tokens, ends } = arm;
    let krate = located_at(krate, ends.0);
    let span = Span::mixed_site().located_at(ends.0);
    let annotation = match kind {
        Kind::Join => None,
        Kind::TryJoin => Some(quote_spanned!(span=> : ::core::result::Result<_, _>)),
    };
    let body = quote_spanned! {span=>
        // An arm may well be `panic!(…)`.
        #[allow(clippy::diverging_sub_expression)]
        let value_of_arm #annotation = #tokens;
        #[allow(unreachable_code)]
        #krate::__private::JoinArm::of(value_of_arm)
    };
    let mut body = Group::new(Delimiter::Brace, body);
    body.set_span(Span::mixed_site().located_at(ends.1));
    quote_spanned!(span=> || -> #krate::__private::JoinArm<_> #body)
}
