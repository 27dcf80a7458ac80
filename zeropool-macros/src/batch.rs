//! `#[zp::batch]`: the function as it is, and a struct of what its calls share, with constructors of batches.

mod constructors;

use crate::bounds;
use crate::generics::with_lifetimes;
use crate::model::{Model, Param, Supply};
use crate::run;
use crate::source::nested;
use crate::structure::{constants, impl_attrs, predicates};
use constructors::{Makers, constructors};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Generics;

pub(crate) fn implementations(model: &Model) -> TokenStream {
    let span = Span::mixed_site();
    let locals = nested(model.sources().map(|(param, ..)| &param.local), pair);
    let item = nested(model.sources().map(|(.., source)| source.item()), pair);
    let unwrapped = model
        .sources()
        .filter_map(|(param, _, source)| source.unwrap(&param.local));
    let index = model
        .params
        .iter()
        .filter(|param| matches!(param.supply, Supply::Index));
    let index = index
        .map(|Param { cfgs, local, .. }| quote_spanned!(span=> #cfgs let #local = __zp_index;));
    let given = quote_spanned!(span=> let #locals = __zp_item; #(#unwrapped)* #(#index)*);
    let body = run::body(model, &quote_spanned!(span=> *self), &given);
    let implementation = Implementation {
        generics: &with_lifetimes(&model.generics, &model.item_lifetimes),
        item: &item,
        bounds: &bounds::of_body(model),
        output: &model.output.to_token_stream(),
        body: &body,
    };
    let constructors = constructors(model, &Makers::new(model));
    let implementation = self::implementation(model, &implementation);
    quote!(#constructors #implementation)
}

/// Batches that cannot run. Their constructors take anything for what has a mistake.
pub(crate) fn with_errors(model: &Model, output: &TokenStream) -> TokenStream {
    let span = Span::mixed_site();
    let implementation = Implementation {
        generics: &model.generics,
        item: &quote_spanned!(span=> ()),
        bounds: &Vec::from_iter(bounds::output(model)),
        output,
        body: &quote_spanned!(span=> ::core::unreachable!()),
    };
    let constructors = constructors(model, &Makers::unreachable(model));
    let implementation = self::implementation(model, &implementation);
    quote!(#constructors #implementation)
}

fn pair(a: TokenStream, b: TokenStream) -> TokenStream {
    quote_spanned!(Span::mixed_site()=> (#a, #b))
}

/// The pieces of the implementation of `Body`.
struct Implementation<'a> {
    generics: &'a Generics,
    item: &'a TokenStream,
    bounds: &'a [TokenStream],
    output: &'a TokenStream,
    body: &'a TokenStream,
}

fn implementation(model: &Model, pieces: &Implementation<'_>) -> TokenStream {
    let Implementation {
        generics,
        item,
        bounds,
        output,
        body,
    } = pieces;
    let span = Span::mixed_site();
    let private = model.krate.private();
    let (attrs, constants) = (impl_attrs(model), constants(model));
    let struct_name = &model.struct_name;
    let (_, arguments, _) = model.generics.split_for_impl();
    let (impl_generics, _, _) = generics.split_for_impl();
    let predicates = predicates(model);
    quote_spanned! {span=>
        #attrs
        impl #impl_generics #private::Body<#item> for #struct_name #arguments
        where
            #predicates
            #(#bounds,)*
        {
            type Output = #output;

            #constants

            #[inline]
            fn call(
                &self,
                __zp_index: ::core::primitive::usize,
                __zp_item: #item,
                __zp_cx: &mut #private::Context<'_>,
            ) -> Self::Output {
                #body
            }
        }
    }
}
