//! The body of `Task::run` and of `Body::call`: from the fields of the struct, and what the worker lends, to the call of the function.

use crate::check::BufferShape;
use crate::model::{Model, Param, Supply};
use crate::types::referent;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::GenericParam;
use syn::spanned::Spanned;

/// Takes the struct `this` apart, takes what else is `given`, asks the worker for what it lends and calls the function.
///
/// Only a length sees the user's names; around the call nothing is bound to them, so that a function and its
/// parameter may share one.
pub(crate) fn body(model: &Model, this: &TokenStream, given: &TokenStream) -> TokenStream {
    let span = Span::mixed_site();
    let function = &model.function.ident;
    let fields = model.arguments().map(|(param, argument)| {
        let (Param { cfgs, local, .. }, field) = (param, &argument.field);
        quote_spanned!(span=> #cfgs #field: #local,)
    });
    let marker = &model.marker;
    let hidden = model
        .phantom
        .as_ref()
        .map(|_| quote_spanned!(span=> #marker: _,));
    let lengths = lengths(model);
    let buffers = model.params.iter().filter_map(|param| buffer(model, param));
    let type_params = &model.function.generics.params;
    let type_params = type_params.iter().filter_map(|param| match param {
        GenericParam::Type(param) => Some(&param.ident),
        GenericParam::Const(param) => Some(&param.ident),
        GenericParam::Lifetime(_) => None,
    });
    let mut type_params = type_params.peekable();
    let turbofish = type_params.peek().is_some().then_some(());
    let turbofish = turbofish.map(|()| quote_spanned!(span=> ::<#(#type_params),*>));
    let arguments = model.params.iter().map(|param| call_argument(model, param));
    quote_spanned! {span=>
        let Self { #(#fields)* #hidden } = #this;
        #given
        #lengths
        #(#buffers)*
        #function #turbofish (#(#arguments),*)
    }
}

/// Computes all lengths while the parameters they use are bound, by value, to the user's names.
fn lengths(model: &Model) -> TokenStream {
    let span = Span::mixed_site();
    let (mut declare, mut compute) = (TokenStream::new(), TokenStream::new());
    for param in &model.params {
        if let (Supply::Buffer { length, .. }, Param { cfgs, local, .. }) = (&param.supply, param) {
            let length_local = quote::format_ident!("{local}_len", span = span);
            // It stands where the length does, for a message about another type to point there only.
            let mut declared = length_local.clone();
            declared.set_span(span.located_at(length.span()));
            let at = declared.span();
            let declaration = quote_spanned!(at=> let #declared: ::core::primitive::usize;);
            declare.extend(quote_spanned!(span=> #cfgs #declaration));
            compute.extend(quote_spanned!(span=> #cfgs { #length_local = #length; }));
        }
    }
    let (mut bind, mut unbind) = (TokenStream::new(), TokenStream::new());
    for Param {
        cfgs,
        local,
        used_in_length,
        ..
    } in &model.params
    {
        if let Some(name) = used_in_length {
            let back = quote::format_ident!("{local}_back", span = span);
            declare.extend(quote_spanned!(span=> #cfgs let #back;));
            bind.extend(quote_spanned!(span=> #cfgs let #name = #local;));
            unbind.extend(quote_spanned!(span=> #cfgs { #back = #name; }));
        }
    }
    if compute.is_empty() {
        return TokenStream::new();
    }
    quote_spanned!(span=> #declare { #bind #compute #unbind })
}

fn buffer(model: &Model, param: &Param) -> Option<TokenStream> {
    let Supply::Buffer { shape, .. } = &param.supply else {
        return None;
    };
    let private = model.krate.private();
    let Param {
        cfgs, local, ty, ..
    } = param;
    let span = Span::mixed_site().located_at(ty.span());
    let length = quote::format_ident!("{local}_len", span = Span::mixed_site());
    let owner = match shape {
        BufferShape::Bytes => quote_spanned!(span=> #private::Buf),
        BufferShape::Borrowed => referent(ty).to_token_stream(),
        BufferShape::Given => ty.to_token_stream(),
    };
    let mutable = (*shape != BufferShape::Given).then(|| quote_spanned!(span=> mut));
    Some(
        quote_spanned!(span=> #cfgs let #mutable #local = <#owner as #private::Lend>::lend(__zp_cx, #length);),
    )
}

fn call_argument(model: &Model, param: &Param) -> TokenStream {
    let private = model.krate.private();
    let Param {
        cfgs,
        local,
        ty,
        used_in_length,
        supply,
        ..
    } = param;
    let span = Span::mixed_site().located_at(ty.span());
    match supply {
        Supply::Argument(_) | Supply::Item(..) | Supply::Index => match used_in_length {
            Some(_) => {
                let back = quote::format_ident!("{local}_back", span = Span::mixed_site());
                quote_spanned!(span=> #cfgs #back)
            }
            None => quote_spanned!(span=> #cfgs #local),
        },
        Supply::Buffer { shape, .. } => match shape {
            BufferShape::Bytes => quote_spanned!(span=> #cfgs #private::bytes(&mut #local)),
            BufferShape::Borrowed => quote_spanned!(span=> #cfgs &mut #local),
            BufferShape::Given => quote_spanned!(span=> #cfgs #local),
        },
        Supply::Context => quote_spanned!(span=> #cfgs &mut *__zp_cx),
    }
}
