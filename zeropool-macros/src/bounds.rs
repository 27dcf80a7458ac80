//! What generated code has to assume about types, because it travels between threads.
//!
//! A type that depends on a type parameter gets a bound: its users show that it fits. Any other type either fits or is a
//! mistake in the signature, and that is reported at the parameter (see `__zp_check` in what is generated).
//! Where an implementation needs such a type to fit all the same, its bound is given a binder, `for<'…>`, which keeps the compiler from
//! deciding it on the spot and reporting the mistake once more.

use crate::check::PRIMITIVES;
use crate::model::{Argument, Model, Param};
use crate::source::Source;
use crate::tokens;
use crate::types::{referent, strip};
use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::Type;

/// A task is `Send`, and so is its output.
pub(crate) fn of_task(model: &Model) -> Vec<TokenStream> {
    let span = Span::mixed_site();
    let name = &model.struct_name;
    let (_, arguments, _) = model.generics.split_for_impl();
    let generic = model.arguments().any(|(_, argument)| argument.generic);
    let binder = (!generic).then(binder);
    let whole = quote_spanned!(span=> #binder #name #arguments: ::core::marker::Send);
    std::iter::once(whole).chain(output(model)).collect()
}

/// What the calls of a batch share is `Copy + Send + Sync`, and the output is `Send`.
pub(crate) fn of_body(model: &Model) -> Vec<TokenStream> {
    let span = Span::mixed_site();
    let shared = model.arguments().filter_map(|(param, argument)| {
        let bound = shared(param, argument)?;
        let binder = (!argument.generic).then(binder);
        Some(quote_spanned!(span=> #binder #bound))
    });
    // A bound cannot be conditional, but that on the struct follows its fields.
    let is_conditional = model.arguments().any(|(param, _)| !param.cfgs.is_empty());
    let whole = is_conditional.then(|| {
        let name = &model.struct_name;
        let (_, arguments, _) = model.generics.split_for_impl();
        let generic = model.arguments().any(|(_, argument)| argument.generic);
        let binder = (!generic).then(binder);
        quote_spanned!(span=> #binder #name #arguments: ::core::marker::Send + ::core::marker::Sync)
    });
    distinct(shared.chain(whole).chain(output(model)))
}

/// What a caller who starts a batch has to show.
pub(crate) fn of_batch(model: &Model) -> Vec<TokenStream> {
    let sources = model.sources().filter(|(_, argument, _)| argument.generic);
    let sources = sources.map(|(_, _, source)| item(model, source));
    let arguments = model.arguments().filter(|(_, argument)| argument.generic);
    let arguments = arguments.filter_map(|(param, argument)| shared(param, argument));
    distinct(sources.chain(arguments).chain(output(model)))
}

/// An output that depends on a type parameter is `Send`.
pub(crate) fn output(model: &Model) -> Option<TokenStream> {
    let ty = &model.output;
    let bound = || quote_spanned!(Span::mixed_site()=> #ty: ::core::marker::Send);
    model.generic_output.then(bound)
}

/// The bound in its simplest form: `&T` may be shared if `T` is `Sync`.
fn shared(param: &Param, argument: &Argument) -> Option<TokenStream> {
    let span = Span::mixed_site();
    let ty = strip(&argument.ty);
    let (ty, is_reference) = match ty {
        // Outside of its reference a trait object means another lifetime.
        Type::Reference(reference)
            if reference.mutability.is_none() && !is_object(&reference.elem) =>
        {
            (element(&reference.elem), true)
        }
        _ => (ty, false),
    };
    let is_name = matches!(ty, Type::Path(path) if path.path.get_ident().is_some());
    let is_conditional = !param.cfgs.is_empty();
    match ty {
        // Always fit to be shared.
        Type::FnPtr(_) => None,
        Type::Path(path) if PRIMITIVES.iter().any(|name| path.path.is_ident(name)) => None,
        // There may be no such type.
        _ if is_conditional && !(is_name && argument.generic) => None,
        _ if is_reference => Some(quote_spanned!(span=> #ty: ::core::marker::Sync)),
        _ => Some(
            quote_spanned!(span=> #ty: ::core::marker::Copy + ::core::marker::Send + ::core::marker::Sync),
        ),
    }
}

fn item(model: &Model, source: &Source) -> TokenStream {
    let span = Span::mixed_site();
    // Only then can there be a type without a size, which no slice holds.
    let may_lack_size = tokens::spells(model.function.generics_tokens(), "Sized");
    let sized = may_lack_size.then(|| quote_spanned!(span=> ::core::marker::Sized +));
    let ty = element(source.element());
    if source.is_shared() {
        let inner = referent(ty);
        let ty = if is_object(inner) || may_lack_size {
            ty
        } else {
            element(inner)
        };
        quote_spanned!(span=> #ty: #sized ::core::marker::Sync)
    } else {
        quote_spanned!(span=> #ty: #sized ::core::marker::Send)
    }
}

/// What a slice or an array consists of: it is `Send` or `Sync` if that is.
fn element(ty: &Type) -> &Type {
    match strip(ty) {
        Type::Slice(slice) => element(&slice.elem),
        Type::Array(array) => element(&array.elem),
        _ => ty,
    }
}

fn is_object(ty: &Type) -> bool {
    matches!(strip(ty), Type::TraitObject(_))
}

fn binder() -> TokenStream {
    quote_spanned!(Span::mixed_site()=> for<'__zp>)
}

fn distinct(bounds: impl Iterator<Item = TokenStream>) -> Vec<TokenStream> {
    let mut seen: Vec<String> = Vec::new();
    let mut found = Vec::new();
    for bound in bounds {
        let text = bound.to_string();
        if !seen.contains(&text) {
            seen.push(text);
            found.push(bound);
        }
    }
    found
}
