//! What is emitted when something is wrong: the mistakes, and as much of the rest as makes sense, so that the
//! uses of the function do not become errors too.

use crate::errors::Errors;
use crate::model::Task;
use crate::signature::{self, Function, Param};
use crate::task::{constructors, implementation_with, struct_item};
use crate::tokens;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

/// The item could not be read at all: it goes back as it came.
pub(crate) fn unread(item: &TokenStream, error: syn::Error) -> TokenStream {
    let mut errors = Errors::default();
    errors.push(error);
    let errors = errors.into_tokens(&TokenStream::new());
    quote!(#item #errors)
}

/// The user's function, the mistakes, and a struct whose task cannot run if one can be made.
pub(crate) fn with_errors(task: &Task, errors: Errors) -> TokenStream {
    let function = task.function.without_marks(&TokenStream::new());
    let errors = errors.into_tokens(&signature::cfgs(&task.function.attrs));
    if !has_struct(&task.function) || hides(task) {
        return quote!(#function #errors);
    }
    let (struct_item, constructors) = (struct_item(task), constructors(task));
    let body = quote!(let Self { .. } = self; ::core::unreachable!());
    let output = if can_be_output(&task.output) {
        task.output.to_token_stream()
    } else {
        quote!(())
    };
    let implementation = implementation_with(task, &output, &body);
    quote!(#function #errors #constructors #implementation #struct_item)
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
fn hides(task: &Task) -> bool {
    let mut types = task.output.to_token_stream();
    types.extend(
        task.function
            .typed_params()
            .map(|param| param.ty.to_token_stream()),
    );
    tokens::mentions(types, std::iter::once(&task.struct_name))
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

fn can_be_output(ty: &syn::Type) -> bool {
    let borrows = crate::types::Borrows::of(ty);
    let never = matches!(ty, syn::Type::Never(_));
    borrows.elided == 0 && !never && !tokens::spells(ty.to_token_stream(), "impl")
}
