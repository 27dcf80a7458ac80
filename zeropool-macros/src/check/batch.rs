//! What a batch goes over, and what its calls share.

use super::marks::{check_length_form, check_takes_nothing};
use crate::errors::Errors;
use crate::signature::{Function, Mark, MarkKind, TypedParam};
use crate::tokens;
use crate::types::{is_mutable_reference, strip};
use quote::ToTokens;
use syn::{LitInt, Type};

pub(super) fn check(function: &Function, errors: &mut Errors) {
    let mut indices = function
        .typed_params()
        .filter(|param| param.is(MarkKind::Index));
    let has_index = indices.next().is_some();
    for other in indices {
        let mark = other.mark().map(|mark| &mark.attr);
        errors.at(
            mark,
            "an item has one index: remove the second `#[index]` parameter",
        );
    }
    let has_items = function
        .typed_params()
        .any(|param| param.mark().is_some_and(|mark| mark.kind.is_item()));
    if !has_items && !has_index {
        errors.at(&function.ident, no_items(function));
        return;
    }
    for param in function
        .typed_params()
        .filter(|param| param.marks.is_empty())
    {
        check_shared(param, errors);
    }
}

/// Nothing says what the batch goes over: the likeliest parameter is an example.
fn no_items(function: &Function) -> String {
    let unmarked = || {
        function
            .typed_params()
            .filter(|param| param.marks.is_empty())
    };
    let mutable = unmarked().find(|param| is_mutable_reference(&param.ty));
    let example = mutable.or_else(|| unmarked().next()).map_or_else(
        || "item: &T".to_owned(),
        |param| {
            let (pattern, ty) = (param.pattern.clone(), param.ty.to_token_stream());
            format!(
                "{}: {}",
                tokens::as_written(pattern),
                tokens::as_written(ty)
            )
        },
    );
    format!(
        "no parameter says what the calls are for: mark one as the item, `#[each] {example}`; or as a slice of up to `N` items, `#[chunk(N)] items: &[T]`; or add `#[index] i: usize` to make a number of calls"
    )
}

/// All calls have the same value, at the same time.
fn check_shared(param: &TypedParam, errors: &mut Errors) {
    if is_mutable_reference(&param.ty) {
        errors.at(&param.ty, "all calls share this parameter, and run at the same time, so none may change it: mark it `#[each]` if each call has its own; return a value and combine those with `reduce`; or share something made to be changed, `&Mutex<T>` or an atomic");
    }
}

pub(super) fn check_each(mark: &Mark, param: &TypedParam, errors: &mut Errors) {
    check_unconditional(mark, param, errors);
    if !mark.tokens().is_empty() {
        errors.at(&mark.attr, "an item is one: write `#[each]`; for several at a time, `#[chunk(N)]` on a slice, `&[T]` or `&mut [T]`");
        return;
    }
    check_takes_nothing(mark, errors);
}

pub(super) fn check_chunk(mark: &Mark, param: &TypedParam, errors: &mut Errors) {
    check_unconditional(mark, param, errors);
    check_length_form(
        mark,
        "how many items a call gets, and may use the shared parameters",
        errors,
    );
    let literal: Option<LitInt> = syn::parse2(mark.tokens()).ok();
    if literal.is_some_and(|literal| literal.base10_digits() == "0") {
        errors.at(
            mark.tokens(),
            "a chunk has one item or more: write how many, `#[chunk(64)]`",
        );
    }
    let is_slice = matches!(strip(&param.ty), Type::Reference(reference)
        if matches!(strip(&reference.elem), Type::Slice(_)));
    if !is_slice {
        errors.at(&param.ty, "`#[chunk(N)]` gives each call a slice of up to `N` items: the type is `&[T]` or `&mut [T]`; for one item at a time, the mark is `#[each]`");
    }
}

pub(super) fn check_index(mark: &Mark, param: &TypedParam, errors: &mut Errors) {
    check_takes_nothing(mark, errors);
    let fits = match strip(&param.ty) {
        Type::Path(path) => {
            let last = path.path.segments.last();
            last.is_some_and(|last| last.ident == "usize")
        }
        // What a macro makes is for the compiler to say.
        Type::Macro(_) => true,
        _ => false,
    };
    if !fits {
        errors.at(
            &param.ty,
            "`#[index]` is the position of the item in the batch, from 0: the type is `usize`",
        );
    }
}

/// The type of a batch depends on what it goes over, and a type has no `#[cfg(…)]`.
fn check_unconditional(mark: &Mark, param: &TypedParam, errors: &mut Errors) {
    if !param.cfgs().is_empty() {
        errors.at(&mark.attr, "what a batch goes over cannot be conditional: put `#[cfg(…)]` on two versions of the function");
    }
}
