//! The generics of the parameter struct, and what has to be said because of them.

use crate::model::{Param, Supply};
use crate::naming::Namer;
use crate::signature::Function;
use crate::tokens;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{GenericParam, Generics, LifetimeParam, Type};

pub(crate) fn struct_generics(
    function: &Function,
    namer: &Namer,
    params: &[Param],
    output: &Type,
) -> Generics {
    let mut generics = function.generics.clone();
    let mut visible = output.to_token_stream();
    for param in params {
        if let Supply::Argument(argument) = &param.supply {
            argument.ty.to_tokens(&mut visible);
        }
    }
    generics.where_clause.to_tokens(&mut visible);
    let all = &function.generics.params;
    let (mut lifetimes, mut others) = (Vec::new(), Vec::new());
    for param in all {
        let mut param = param.clone();
        match &mut param {
            GenericParam::Lifetime(own) => {
                own.attrs.clear();
                // One that only a lent parameter has is not the struct's business.
                let name = &own.lifetime.ident;
                let bounds = all.iter().filter(|other| !matches!(other, GenericParam::Lifetime(other) if other.lifetime == own.lifetime));
                let mut used = visible.clone();
                bounds.for_each(|bound| bound.to_tokens(&mut used));
                if tokens::lifetimes(used).contains(name) {
                    lifetimes.push(param);
                }
            }
            GenericParam::Type(own) => {
                own.attrs.clear();
                own.default = None;
                others.push(param);
            }
            GenericParam::Const(own) => {
                own.attrs.clear();
                own.default = None;
                others.push(param);
            }
        }
    }
    lifetimes.extend(
        namer
            .lifetimes
            .iter()
            .cloned()
            .map(|fresh| GenericParam::Lifetime(LifetimeParam::new(fresh))),
    );
    others.extend(namer.impl_params.iter().cloned().map(GenericParam::Type));
    generics.params = lifetimes.into_iter().chain(others).collect();
    generics
}

/// A field type that mentions every generic that no other field is sure to mention.
pub(crate) fn phantom_type(generics: &Generics, params: &[Param]) -> Option<TokenStream> {
    let mut fields = TokenStream::new();
    for param in params.iter().filter(|param| param.cfgs.is_empty()) {
        if let Supply::Argument(argument) = &param.supply {
            argument.ty.to_tokens(&mut fields);
        }
    }
    let (names, lifetimes) = (tokens::names(fields.clone()), tokens::lifetimes(fields));
    let span = Span::mixed_site();
    let unused: Vec<TokenStream> = generics
        .params
        .iter()
        .filter_map(|param| match param {
            GenericParam::Lifetime(LifetimeParam { lifetime, .. }) => {
                (!lifetimes.contains(&lifetime.ident)).then(|| quote_spanned!(span=> &#lifetime ()))
            }
            // A function pointer, so that the marker is `Send` whatever the type is.
            GenericParam::Type(param) => {
                let ident = &param.ident;
                let marker = quote_spanned!(span=> fn() -> ::core::marker::PhantomData<#ident>);
                (!names.contains(ident)).then_some(marker)
            }
            GenericParam::Const(_) => None,
        })
        .collect();
    (!unused.is_empty()).then(|| quote_spanned!(span=> ::core::marker::PhantomData<(#(#unused,)*)>))
}

/// A task is `Send`. With type parameters that is for the user of the task to show. Without, it is either so or
/// a mistake in the signature, and that is reported at the parameter instead (see `task.rs`): the `for<'…>`
/// keeps the compiler from deciding a bound without parameters on the spot.
pub(crate) fn send_bounds(
    name: &Ident,
    generics: &Generics,
    params: &[Param],
    output: Option<&Type>,
) -> Vec<TokenStream> {
    let span = Span::mixed_site();
    let (_, arguments, _) = generics.split_for_impl();
    let generic = params
        .iter()
        .any(|param| matches!(&param.supply, Supply::Argument(argument) if argument.generic));
    let binder = (!generic).then(|| quote_spanned!(span=> for<'__zp>));
    let whole = quote_spanned!(span=> #binder #name #arguments: ::core::marker::Send);
    let output = output.map(|ty| quote_spanned!(span=> #ty: ::core::marker::Send));
    std::iter::once(whole).chain(output).collect()
}
