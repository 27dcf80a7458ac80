//! What a task function may not be. Everything is reported, nothing is changed.

use crate::args::Options;
use crate::errors::Errors;
use crate::signature::{Function, Mark, MarkKind, Param, TypedParam};
use crate::tokens;
use crate::types::{Borrows, Visitor, walk};
use proc_macro2::TokenTree;
use syn::{Meta, Path, ReturnType, Type};

const PRIMITIVES: &[&str] = &[
    "bool", "char", "str", "f16", "f32", "f64", "f128", "i8", "i16", "i32", "i64", "i128", "isize",
    "u8", "u16", "u32", "u64", "u128", "usize",
];

/// Checks everything about `function` that can be seen without knowing its types.
pub(crate) fn check(function: &Function, options: &Options, errors: &mut Errors) {
    check_qualifiers(function, errors);
    check_struct_name(function, options, errors);
    for attr in &function.attrs {
        if attr.path().is_ident("target_feature") {
            errors.at(attr, "a task may run on any thread: call the `#[target_feature]` function from inside the task, after checking for the feature");
        }
    }
    for param in &function.generics.params {
        let (syn::GenericParam::Lifetime(syn::LifetimeParam { attrs, .. })
        | syn::GenericParam::Type(syn::TypeParam { attrs, .. })
        | syn::GenericParam::Const(syn::ConstParam { attrs, .. })) = param;
        for attr in attrs.iter().filter(|attr| attr.path().is_ident("cfg")) {
            errors.at(attr, "a generic parameter of a task cannot be conditional: put `#[cfg(…)]` on two versions of the function");
        }
    }
    let mut contexts = 0;
    for param in &function.params {
        match param {
            Param::Receiver(tokens) => errors.at(
                tokens,
                "a task is a free function, without `self`: move it out of the `impl` and take the value as an ordinary parameter, `this: &Type`",
            ),
            Param::Variadic(tokens) => {
                errors.at(tokens, "a task has a fixed number of parameters: take a slice, `items: &[T]`");
            }
            Param::Typed(param) => {
                check_marks(param, &mut contexts, errors);
                check_mentions_self(&param.ty, errors);
            }
        }
    }
    check_lengths(function, errors);
    check_output(function, errors);
}

fn check_qualifiers(function: &Function, errors: &mut Errors) {
    for qualifier in &function.qualifiers {
        let message = match qualifier.word.to_string().as_str() {
            "async" => {
                "a task runs from start to end without suspending: make it a plain `fn`; async code waits for its handle where blocking is allowed"
            }
            "unsafe" => {
                "calling an `unsafe` function needs a promise that only the caller can make: make this a safe `fn` with the `unsafe` block inside"
            }
            "extern" => {
                "a task is called by the pool, in Rust's own calling convention: make it a plain `fn` and call the `extern` function from it"
            }
            "gen" => "a task returns one value: make it a plain `fn`",
            _ => continue,
        };
        errors.at(&qualifier.tokens, message);
    }
}

fn check_struct_name(function: &Function, options: &Options, errors: &mut Errors) {
    if options.struct_name.is_some() {
        return;
    }
    let name = function.ident.to_string();
    if PRIMITIVES.contains(&name.as_str()) {
        errors.at(&function.ident, format!("the parameter struct would hide the type `{name}`: give it another name, `#[zp::task(struct = Name)]`"));
    }
    let mut hidden = Hidden {
        name: &name,
        errors,
    };
    for param in function.typed_params() {
        walk(&mut param.ty.clone(), &mut hidden);
    }
    if let ReturnType::Type(_, ty) = &function.output {
        walk(&mut ty.clone(), &mut hidden);
    }
}

/// Finds types that the parameter struct would hide.
struct Hidden<'a> {
    name: &'a str,
    errors: &'a mut Errors,
}

impl Visitor for Hidden<'_> {
    fn path(&mut self, path: &Path) {
        if let (None, Some(first)) = (path.leading_colon, path.segments.first())
            && first.ident == self.name
        {
            let name = self.name;
            self.errors.at(&first.ident, format!("`{name}` here would mean the parameter struct, which has the function's name: give the struct another one, `#[zp::task(struct = Name)]`"));
        }
    }
}

fn check_marks(param: &TypedParam, contexts: &mut usize, errors: &mut Errors) {
    let mut marks = param.marks.iter();
    let Some(first) = marks.next() else { return };
    for mark in marks {
        errors.at(
            &mark.attr,
            "one mark a parameter: the worker supplies it either as a buffer or as its context",
        );
    }
    match first.kind {
        MarkKind::Batch => {
            errors.at(&first.attr, "this mark belongs to `#[zp::batch]`; a task is one call, and its marks are `#[buf(LEN)]` and `#[cx]`");
        }
        MarkKind::Cx => {
            *contexts += 1;
            if *contexts > 1 {
                errors.at(
                    &first.attr,
                    "a task has one context: remove the second `#[cx]` parameter",
                );
            }
            if !matches!(first.attr.meta, Meta::Path(_)) {
                errors.at(&first.attr, "this mark takes nothing: write `#[cx]`");
            }
            if !is_mutable_reference_to_path(&param.ty) {
                errors.at(
                    &param.ty,
                    "`#[cx]` supplies the worker's context: the type is `&mut zp::Context<'_>`",
                );
            }
        }
        MarkKind::Buf => {
            check_length_form(first, errors);
            if let Err(message) = buffer_shape(&param.ty) {
                errors.at(&param.ty, message);
            }
        }
    }
}

fn check_length_form(mark: &Mark, errors: &mut Errors) {
    match &mark.attr.meta {
        Meta::List(list) if !list.tokens.is_empty() => {
            let mut exits = |tree: &TokenTree| {
                tokens::is_punct(tree, '?') || ["return", "await", "yield"].iter().any(|word| tokens::is_word(tree, word))
            };
            if let Some(exit) = tokens::find(list.tokens.clone(), &mut exits) {
                errors.at(&exit, format!("`{exit}` cannot leave a length: compute it before, and pass it as a parameter"));
            }
        }
        _ => errors.at(&mark.attr, "the length is missing: write `#[buf(LEN)]`, where `LEN` is a number of bytes that may use the other parameters"),
    }
}

/// How a `#[buf(…)]` parameter takes its buffer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum BufferShape {
    /// `&mut [u8]`
    Bytes,
    /// `&mut zp::Buf`
    Borrowed,
    /// `zp::Buf`
    Given,
}

pub(crate) fn buffer_shape(ty: &Type) -> Result<BufferShape, &'static str> {
    match ty {
        Type::Group(group) => buffer_shape(&group.elem),
        Type::Paren(paren) => buffer_shape(&paren.elem),
        Type::Path(_) | Type::Macro(_) => Ok(BufferShape::Given),
        Type::Reference(reference) if reference.mutability.is_none() => Err(
            "a lent buffer is there to be written: the type is `&mut [u8]`, `&mut zp::Buf`, `zp::Buf` or `zp::BufUninit`",
        ),
        Type::Reference(reference) => match strip(&reference.elem) {
            Type::Slice(slice) => match strip(&slice.elem) {
                Type::Path(path)
                    if path
                        .path
                        .segments
                        .last()
                        .is_some_and(|last| last.ident == "u8") =>
                {
                    Ok(BufferShape::Bytes)
                }
                _ => Err("a lent buffer holds bytes: the type is `&mut [u8]`"),
            },
            Type::Path(_) | Type::Macro(_) => Ok(BufferShape::Borrowed),
            _ => Err(NOT_A_BUFFER),
        },
        _ => Err(NOT_A_BUFFER),
    }
}

const NOT_A_BUFFER: &str = "`#[buf(…)]` supplies a buffer: the type is `&mut [u8]`, `&mut zp::Buf`, `zp::Buf` or `zp::BufUninit`";

fn strip(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => strip(&group.elem),
        Type::Paren(paren) => strip(&paren.elem),
        _ => ty,
    }
}

fn is_mutable_reference_to_path(ty: &Type) -> bool {
    matches!(strip(ty), Type::Reference(reference)
        if reference.mutability.is_some() && matches!(strip(&reference.elem), Type::Path(_) | Type::Macro(_)))
}

/// A length may use parameters that are plain identifiers and that the caller supplies.
fn check_lengths(function: &Function, errors: &mut Errors) {
    use crate::signature::Binding::{ByRef, Pattern, Plain};
    for param in function.typed_params() {
        let Some(mark) = param.marks.iter().find(|mark| mark.kind == MarkKind::Buf) else {
            continue;
        };
        let Meta::List(list) = &mark.attr.meta else {
            continue;
        };
        let used = tokens::names(list.tokens.clone());
        for other in function.typed_params() {
            let at = |name| used.iter().find(|ident| *ident == name);
            match &other.binding {
                Plain(name) if other.marks.is_empty() || at(name).is_none() => {}
                Plain(name) => errors.at(at(name), format!("`{name}` is supplied by the worker too, after all lengths are known: a length can use the other parameters only")),
                ByRef(name) => {
                    if let Some(used) = at(name) {
                        errors.at(used, format!("a length can use parameters that are plain identifiers: take `{name}` without `ref`"));
                    }
                }
                Pattern => {
                    let bound = tokens::names(other.pattern.clone());
                    let lower = |ident: &&proc_macro2::Ident| ident.to_string().starts_with(|c: char| c.is_lowercase() || c == '_');
                    for name in bound.iter().filter(lower) {
                        if let Some(used) = at(name) {
                            errors.at(used, format!("`{name}` is bound by a pattern, and a length can use plain parameters only: take the whole value as `name: Type` and write the length as `name.…`"));
                        }
                    }
                }
            }
        }
    }
}

fn check_output(function: &Function, errors: &mut Errors) {
    let ReturnType::Type(_, ty) = &function.output else {
        return;
    };
    check_mentions_self(ty, errors);
    let mut impls = ImplTraits(errors);
    walk(&mut ty.clone(), &mut impls);
    if let Type::Never(_) = strip(ty) {
        errors.at(
            ty,
            "a task has to end for its result to be waited for: return a type, or nothing",
        );
    }
    let output = Borrows::of(ty);
    for param in function
        .typed_params()
        .filter(|param| !param.marks.is_empty())
    {
        for lent in Borrows::of(&param.ty).named {
            if let Some(borrowed) = output
                .named
                .iter()
                .find(|lifetime| **lifetime == lent && lent.ident != "static")
            {
                errors.at(borrowed, BORROWS_LENT);
            }
        }
    }
}

pub(crate) const BORROWS_LENT: &str = "the output cannot borrow what the worker lends, which goes back when the task ends: return an owned value, or take a `zp::Buf` and return that";

struct ImplTraits<'a>(&'a mut Errors);

impl Visitor for ImplTraits<'_> {
    fn impl_trait(&mut self, ty: &mut Type) {
        self.0.at(ty, "the output of a task needs a name: write the type, or box it as `Box<dyn Trait + Send>`");
    }
}

fn check_mentions_self(ty: &Type, errors: &mut Errors) {
    struct SelfType<'a>(&'a mut Errors);
    impl Visitor for SelfType<'_> {
        fn path(&mut self, path: &Path) {
            if let Some(first) = path.segments.first()
                && first.ident == "Self"
            {
                self.0.at(&first.ident, "a task is a free function, outside of any `impl`: write the type's name instead of `Self`");
            }
        }
    }
    walk(&mut ty.clone(), &mut SelfType(errors));
}
