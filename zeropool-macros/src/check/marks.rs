//! Marks on parameters: the right one, in the right form, on a type that fits.

use super::batch::{check_chunk, check_each, check_index};
use crate::errors::Errors;
use crate::expression::outline;
use crate::model::Kind;
use crate::signature::{Function, Mark, MarkKind, TypedParam};
use crate::tokens;
use crate::types::{referent, strip};
use proc_macro2::TokenTree;
use syn::{Meta, Type};

pub(super) fn check(kind: Kind, function: &Function, errors: &mut Errors) {
    let mut contexts = 0;
    for param in function.typed_params() {
        for mark in param.marks.iter().filter(|mark| mark.is_misspelt) {
            let written = mark.kind.as_written();
            errors.at(mark.attr.path(), format!("no such mark: write `{written}`"));
        }
        let mut marks = param.marks.iter();
        let Some(first) = marks.next() else {
            if is_context(&param.ty) {
                errors.at(&param.ty, format!("the worker supplies its context to a parameter with a mark: `#[cx] {}: &mut zp::Context<'_>`", tokens::as_written(param.pattern.clone())));
            }
            continue;
        };
        let several = param.marks.len() > 1;
        for mark in marks {
            let (first, second) = (first.kind.as_written(), mark.kind.as_written());
            let choice = if first == second {
                "remove this one".to_owned()
            } else {
                format!("keep `{first}` or `{second}`")
            };
            errors.at(&mark.attr, format!("one mark a parameter: {choice}"));
        }
        if kind == Kind::Task && !first.kind.is_lent() {
            errors.at(&first.attr, "this mark belongs to `#[zp::batch]`; a task is one call, and its marks are `#[buf(LEN)]` and `#[cx]`");
            continue;
        }
        // Of several, nobody knows which one the type should fit.
        if !several {
            check_mark(first, param, errors);
        }
        if first.kind == MarkKind::Cx {
            contexts += 1;
            if contexts > 1 {
                let a_function = kind.a_function();
                errors.at(
                    &first.attr,
                    format!("{a_function} has one context: remove the second `#[cx]` parameter"),
                );
            }
        }
    }
    check_lengths(function, errors);
}

fn check_mark(mark: &Mark, param: &TypedParam, errors: &mut Errors) {
    match mark.kind {
        MarkKind::Cx => {
            check_takes_nothing(mark, errors);
            if !is_mutable_reference_to_path(&param.ty) {
                errors.at(
                    &param.ty,
                    "`#[cx]` supplies the worker's context: the type is `&mut zp::Context<'_>`",
                );
            }
        }
        MarkKind::Buf => {
            check_length_form(
                mark,
                "a number of bytes that may use the other parameters",
                errors,
            );
            if let Err(message) = buffer_shape(&param.ty) {
                errors.at(&param.ty, message);
            }
        }
        MarkKind::Each => check_each(mark, param, errors),
        MarkKind::Chunk => check_chunk(mark, param, errors),
        MarkKind::Index => check_index(mark, param, errors),
    }
}

pub(super) fn check_takes_nothing(mark: &Mark, errors: &mut Errors) {
    if !matches!(mark.attr.meta, Meta::Path(_)) {
        let mark_alone = mark.kind.as_written();
        errors.at(
            &mark.attr,
            format!("this mark takes nothing: write `{mark_alone}`"),
        );
    }
}

/// A length is there, and is an expression that cannot leave; `what` it is, for the message.
pub(super) fn check_length_form(mark: &Mark, what: &str, errors: &mut Errors) {
    match &mark.attr.meta {
        Meta::List(list) if !list.tokens.is_empty() => {
            let mut exits = |tree: &TokenTree| {
                tokens::is_punct(tree, '?')
                    || ["return", "await", "yield"]
                        .iter()
                        .any(|word| tokens::is_word(tree, word))
            };
            if let Some(exit) = tokens::find(list.tokens.clone(), &mut exits) {
                errors.at(&exit, format!("`{exit}` cannot leave a length: compute it before, and pass it as a parameter"));
            }
            let trees: Vec<TokenTree> = list.tokens.clone().into_iter().collect();
            if let Some(comma) = outline(&trees).commas.first() {
                let mark = mark.kind.as_written();
                errors.at(
                    &trees[*comma],
                    format!("one length, without a comma: `{mark}`"),
                );
            }
        }
        _ => {
            let (form, name) = match mark.kind {
                MarkKind::Chunk => ("#[chunk(N)]", "N"),
                _ => ("#[buf(LEN)]", "LEN"),
            };
            errors.at(
                &mark.attr,
                format!("the length is missing: write `{form}`, where `{name}` is {what}"),
            );
        }
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

fn is_mutable_reference_to_path(ty: &Type) -> bool {
    matches!(strip(ty), Type::Reference(reference)
        if reference.mutability.is_some() && matches!(strip(&reference.elem), Type::Path(_) | Type::Macro(_)))
}

/// Whether this is `zp::Context`, or a reference to it, in so many words.
pub(crate) fn is_context(ty: &Type) -> bool {
    let Type::Path(path) = strip(referent(ty)) else {
        return false;
    };
    let segments = path.path.segments.iter();
    let names: Vec<String> = segments.map(|segment| segment.ident.to_string()).collect();
    matches!(names.as_slice(), [zp, context] if zp == "zp" && context == "Context")
}

/// A length may use parameters that are plain identifiers and whose values are there when it is evaluated.
fn check_lengths(function: &Function, errors: &mut Errors) {
    use crate::signature::Binding::{ByRef, Pattern, Plain};
    for param in function.typed_params() {
        let Some(mark) = param.mark() else { continue };
        let used = tokens::names(mark.tokens());
        for other in function.typed_params() {
            let at = |name| used.iter().find(|ident| *ident == name);
            match &other.binding {
                Plain(name) => {
                    if let (Some(used), Some(source)) = (at(name), other.mark()) {
                        if mark.kind == MarkKind::Chunk {
                            errors.at(used, format!("`{name}` differs from call to call, and chunks are cut before: their length can use shared parameters, those without a mark"));
                        } else if source.kind.is_lent() {
                            errors.at(used, format!("`{name}` is supplied by the worker too, after all lengths are known: a length can use the other parameters only"));
                        }
                    }
                }
                ByRef(name) => {
                    if let Some(used) = at(name) {
                        errors.at(used, format!("a length can use parameters that are plain identifiers: take `{name}` without `ref`"));
                    }
                }
                Pattern => {
                    let bound = tokens::names(other.pattern.clone());
                    let lower = |ident: &&proc_macro2::Ident| {
                        ident
                            .to_string()
                            .starts_with(|c: char| c.is_lowercase() || c == '_')
                    };
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
