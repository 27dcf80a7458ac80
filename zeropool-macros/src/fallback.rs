//! What is emitted when something is wrong: the mistakes, and as much of the rest as makes sense, so that the
//! uses of the function do not become errors too.

use crate::errors::Errors;
use crate::model::{Kind, Model};
use crate::signature::{self, Function, MarkKind, Param};
use crate::structure::{empty_struct, struct_item, use_length_params};
use crate::{batch, task, tokens};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

/// The item could not be read at all: it goes back as it came.
pub(crate) fn unread(item: &TokenStream, error: syn::Error) -> TokenStream {
    let mut errors = Errors::default();
    errors.push(error);
    let errors = errors.into_tokens(&TokenStream::new());
    let item = tokens::without_attributes(item.clone(), &|name| MarkKind::named(name).is_some());
    let item = tokens::with_body(item);
    quote!(#item #errors)
}

/// The user's function, the mistakes, and a struct that cannot run if one can be made.
pub(crate) fn with_errors(model: &Model, errors: Errors) -> TokenStream {
    // What would be a second error about the same mistake is not emitted as written.
    let function = if model.function.is_variadic() {
        model.function.stub()
    } else if model.borrows_unclear {
        model.function.with_named_output()
    } else {
        model.function.without_marks(&use_length_params(model))
    };
    let errors = errors.into_tokens(&signature::cfgs(&model.function.attrs));
    if !has_struct(&model.function) || hides(model) {
        return quote!(#function #errors);
    }
    let output = if can_be_output(model) {
        model.output.to_token_stream()
    } else {
        quote!(())
    };
    let implementations = match model.kind {
        Kind::Task => task::with_errors(model, &output),
        Kind::Batch => batch::with_errors(model, &output),
    };
    let struct_item = match model.kind {
        Kind::Task => struct_item(model),
        Kind::Batch => empty_struct(model),
    };
    quote!(#function #errors #implementations #struct_item)
}

/// Whether every parameter can become a field.
fn has_struct(function: &Function) -> bool {
    let typed = function
        .params
        .iter()
        .all(|param| matches!(param, Param::Typed(_)));
    typed && !tokens::spells(function.signature_tokens(), "Self") && !has_twins(function)
}

/// Whether the struct would hide a type in its own function's signature.
fn hides(model: &Model) -> bool {
    let mut types = model.output.to_token_stream();
    types.extend(
        model
            .function
            .typed_params()
            .map(|param| param.ty.to_token_stream()),
    );
    tokens::mentions(types, std::iter::once(&model.struct_name))
}

fn has_twins(function: &Function) -> bool {
    let patterns: Vec<String> = function
        .typed_params()
        .map(|param| param.pattern.to_string())
        .collect();
    patterns
        .iter()
        .enumerate()
        .any(|(i, pattern)| pattern != "_" && patterns[..i].contains(pattern))
}

fn can_be_output(model: &Model) -> bool {
    let ty = &model.output;
    let borrows = crate::types::Borrows::of(ty);
    let of_items = borrows.named.iter().any(|lifetime| {
        let mut lifetimes = model.item_lifetimes.iter();
        lifetimes.any(|own| own.lifetime == *lifetime)
    });
    let never = matches!(ty, syn::Type::Never(_));
    borrows.elided == 0 && !of_items && !never && !tokens::spells(ty.to_token_stream(), "impl")
}
