//! The body of `Task::run`: from the fields of the struct, and what the worker lends, to the call of the function.

use crate::check::BufferShape;
use crate::model::{Param, Supply, Task};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;

/// Takes the struct apart, asks the worker for what it lends and calls the function.
///
/// Only a length sees the user's names; around the call nothing is bound to them, so that a function and its
/// parameter may share one.
pub(crate) fn body(task: &Task) -> TokenStream {
    let span = Span::mixed_site();
    let function = &task.function.ident;
    let fields = task.arguments().map(|(param, argument)| {
        let (Param { cfgs, local, .. }, field) = (param, &argument.field);
        quote_spanned!(span=> #cfgs #field: #local,)
    });
    let hidden = task
        .phantom
        .as_ref()
        .map(|_| quote_spanned!(span=> __use_new: _,));
    let lengths = lengths(task);
    let buffers = task.params.iter().filter_map(|param| buffer(task, param));
    let type_params = task
        .function
        .generics
        .params
        .iter()
        .filter_map(|param| match param {
            syn::GenericParam::Type(param) => Some(&param.ident),
            syn::GenericParam::Const(param) => Some(&param.ident),
            syn::GenericParam::Lifetime(_) => None,
        });
    let mut type_params = type_params.peekable();
    let turbofish = type_params.peek().is_some().then_some(());
    let turbofish = turbofish.map(|()| quote_spanned!(span=> ::<#(#type_params),*>));
    let arguments = task.params.iter().map(|param| call_argument(task, param));
    quote_spanned! {span=>
        let Self { #(#fields)* #hidden } = self;
        #lengths
        #(#buffers)*
        #function #turbofish (#(#arguments),*)
    }
}

/// Computes all lengths while the parameters they use are bound, by value, to the user's names.
fn lengths(task: &Task) -> TokenStream {
    let span = Span::mixed_site();
    let (mut declare, mut compute) = (TokenStream::new(), TokenStream::new());
    for param in &task.params {
        if let (Supply::Buffer { length, .. }, Param { cfgs, local, .. }) = (&param.supply, param) {
            let length_local = quote::format_ident!("{local}_len", span = span);
            declare
                .extend(quote_spanned!(span=> #cfgs let #length_local: ::core::primitive::usize;));
            compute.extend(quote_spanned!(span=> #cfgs { #length_local = #length; }));
        }
    }
    let (mut bind, mut unbind) = (TokenStream::new(), TokenStream::new());
    for (Param { cfgs, local, .. }, argument) in task.arguments() {
        if let Some(name) = &argument.used_in_length {
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

fn buffer(task: &Task, param: &Param) -> Option<TokenStream> {
    let Supply::Buffer { shape, .. } = &param.supply else {
        return None;
    };
    let private = task.krate.private();
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

fn referent(ty: &syn::Type) -> &syn::Type {
    match ty {
        syn::Type::Reference(reference) => &reference.elem,
        syn::Type::Group(group) => referent(&group.elem),
        syn::Type::Paren(paren) => referent(&paren.elem),
        _ => ty,
    }
}

fn call_argument(task: &Task, param: &Param) -> TokenStream {
    let private = task.krate.private();
    let Param {
        cfgs,
        local,
        ty,
        supply,
    } = param;
    let span = Span::mixed_site().located_at(ty.span());
    match supply {
        Supply::Argument(argument) => match &argument.used_in_length {
            Some(_) => {
                let back = quote::format_ident!("{local}_back", span = Span::mixed_site());
                quote_spanned!(span=> #cfgs #back)
            }
            None => quote_spanned!(span=> #cfgs #local),
        },
        Supply::Buffer {
            shape: BufferShape::Bytes,
            ..
        } => quote_spanned!(span=> #cfgs #private::bytes(&mut #local)),
        Supply::Buffer {
            shape: BufferShape::Borrowed,
            ..
        } => quote_spanned!(span=> #cfgs &mut #local),
        Supply::Buffer {
            shape: BufferShape::Given,
            ..
        } => quote_spanned!(span=> #cfgs #local),
        Supply::Context => quote_spanned!(span=> #cfgs &mut *__zp_cx),
    }
}
