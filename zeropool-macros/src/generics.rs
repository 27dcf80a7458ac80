//! The generics of the parameter struct, and what has to be said because of them.

use crate::model::{Param, Supply};
use crate::naming::Namer;
use crate::signature::Function;
use crate::tokens;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{GenericParam, Generics, LifetimeParam, Type};

/// The generics of the struct of what callers give.
pub(crate) fn struct_generics(
    function: &Function,
    namer: &Namer,
    params: &[Param],
    output: &Type,
) -> Generics {
    let mut generics = function.generics.clone();
    let mut visible = argument_types(params);
    generics.where_clause.to_tokens(&mut visible);
    for param in &namer.impl_params {
        param.to_tokens(&mut visible);
    }
    // An output that borrows from an item is the item's business.
    let of_items = tokens::lifetimes(item_types(params));
    let mut needed = tokens::lifetimes(output.to_token_stream());
    needed.retain(|lifetime| !of_items.contains(lifetime));
    let all = &function.generics.params;
    let (mut lifetimes, mut others) = (Vec::new(), Vec::new());
    for param in all {
        let mut param = param.clone();
        match &mut param {
            GenericParam::Lifetime(own) => {
                own.attrs.clear();
                // One that only an item or a lent parameter has is not the struct's business.
                let name = &own.lifetime.ident;
                let bounds = all.iter().filter(|other| !matches!(other, GenericParam::Lifetime(other) if other.lifetime == own.lifetime));
                let mut used = visible.clone();
                bounds.for_each(|bound| bound.to_tokens(&mut used));
                if needed.contains(name) || tokens::lifetimes(used).contains(name) {
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

/// The lifetimes that occur in the items of a batch and are not the struct's.
pub(crate) fn item_lifetimes(
    function: &Function,
    namer: &Namer,
    params: &[Param],
    generics: &Generics,
) -> Vec<LifetimeParam> {
    let used = tokens::lifetimes(item_types(params));
    let own = function.generics.lifetimes().filter(|own| {
        let is_in_struct = generics
            .lifetimes()
            .any(|other| other.lifetime == own.lifetime);
        used.contains(&own.lifetime.ident) && !is_in_struct
    });
    let own = own.map(|own| LifetimeParam {
        attrs: Vec::new(),
        ..own.clone()
    });
    let fresh = namer.item_lifetimes.iter().cloned().map(LifetimeParam::new);
    own.chain(fresh).collect()
}

/// `generics` with `lifetimes` too.
pub(crate) fn with_lifetimes(generics: &Generics, lifetimes: &[LifetimeParam]) -> Generics {
    let lifetimes = lifetimes.iter().cloned().map(GenericParam::Lifetime);
    Generics {
        params: lifetimes.chain(generics.params.iter().cloned()).collect(),
        ..generics.clone()
    }
}

fn argument_types(params: &[Param]) -> TokenStream {
    let types = params.iter().filter_map(|param| match &param.supply {
        Supply::Argument(argument) => Some(argument.ty.to_token_stream()),
        _ => None,
    });
    types.collect()
}

fn item_types(params: &[Param]) -> TokenStream {
    let types = params.iter().filter_map(|param| match &param.supply {
        Supply::Item(argument, _) => Some(argument.ty.to_token_stream()),
        _ => None,
    });
    types.collect()
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
