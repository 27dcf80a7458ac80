//! Lifetimes that a signature leaves out, and what may be left out.
//!
//! What the compiler is sure to refuse in the function as written is left to it: it knows the function better, and one message
//! is enough. Where a macro sees less than the compiler, the message is ours.

use crate::check::{BORROWS_LENT, PRIMITIVES, borrowed_from_worker};
use crate::errors::Errors;
use crate::model::{Kind, Param, Supply};
use crate::naming::{Namer, OutputLifetime, Static};
use crate::signature::Function;
use crate::tokens;
use crate::types::{Borrows, strip, walk};
use quote::ToTokens;
use syn::{GenericArgument, Lifetime, PathArguments, ReturnType, Type};

/// The output with Rust's elision rule applied: one lifetime in the parameters is the output's too. And whether it is unclear
/// if it borrows from an argument or from what the worker lends.
pub(crate) fn output_type(
    kind: Kind,
    function: &Function,
    params: &[Param],
    namer: &Namer,
    errors: &mut Errors,
) -> (Type, bool) {
    let mut output = match &function.output {
        ReturnType::Default => return (syn::parse_quote!(()), false),
        ReturnType::Type(_, ty) => (**ty).clone(),
    };
    let elided = Borrows::of(&output).first_elided;
    release(&mut output, function);
    let Some(elided) = elided else {
        return (output, false);
    };
    let declared = function
        .generics
        .lifetimes()
        .map(|param| &param.lifetime)
        .chain(&namer.lifetimes)
        .chain(&namer.item_lifetimes);
    let declared: Vec<&Lifetime> = declared.collect();
    let mut candidates: Vec<Lifetime> = Vec::new();
    let mut lent = 0;
    for param in params {
        let borrows = match &param.supply {
            Supply::Argument(argument) | Supply::Item(argument, _) => Borrows::of(&argument.ty),
            Supply::Buffer { .. } | Supply::Context | Supply::Index => Borrows::of(&param.ty),
        };
        lent += borrows.elided;
        for lifetime in borrows.named {
            // The others are bound inside the type, by `for<'a>`.
            let is_outside = lifetime.ident == "static" || declared.contains(&&lifetime);
            if is_outside && !candidates.contains(&lifetime) {
                candidates.push(lifetime);
            }
        }
    }
    match (candidates.as_slice(), lent) {
        ([only], 0) => walk(&mut output, &mut OutputLifetime(only.clone())),
        ([], 0) if is_surely_refused(kind, function) => errors.leave_to_compiler(),
        ([], 0) => errors.at(elided, "the output borrows, but no parameter shows a lifetime: write it, `Name<'_>` for a type that has one, or `&'static`"),
        ([], 1) => {
            errors.at(elided, BORROWS_LENT);
            make_static(&mut output, &[], function);
        }
        // The compiler asks which of them it is, and proposes to name them.
        (_, 0) if is_surely_ambiguous(function) => errors.leave_to_compiler(),
        _ => {
            errors.at(elided, "from which parameter does the output borrow? Name that lifetime: `fn f<'a>(data: &'a [u8], …) -> &'a …`");
            return (output, !candidates.is_empty() && lent > 0);
        }
    }
    (output, false)
}

/// Takes the lifetimes of what the worker lends from an output that borrows it, a mistake that has been reported. No caller gives
/// them: with them the struct would have to be made in another way than it is used.
fn release(output: &mut Type, function: &Function) {
    let of_worker = borrowed_from_worker(function);
    if !of_worker.is_empty() {
        make_static(output, &of_worker, function);
    }
}

/// Makes the elided lifetimes and those `of_worker` static. If something else in the output may be shorter there is no such type, and
/// it becomes `()`.
fn make_static(output: &mut Type, of_worker: &[Lifetime], function: &Function) {
    let types = function.generics.type_params().map(|param| &param.ident);
    let mut named = Borrows::of(output).named.into_iter();
    let is_a_type = named.all(|own| own.ident == "static" || of_worker.contains(&own))
        && !tokens::mentions(output.to_token_stream(), types);
    if is_a_type {
        walk(output, &mut Static(of_worker));
    } else {
        *output = syn::parse_quote!(());
    }
}

/// Whether it is plain that there are two lifetimes.
fn is_surely_ambiguous(function: &Function) -> bool {
    let references = function.typed_params().filter(|param| {
        matches!(strip(&param.ty), Type::Reference(reference) if reference.lifetime.is_none())
    });
    references.count() > 1
}

/// Whether it is plain that no parameter has a lifetime. A hidden one, as in `Name` for `Name<'_>`, is refused too, in a field
/// of a task's struct.
fn is_surely_refused(kind: Kind, function: &Function) -> bool {
    let mut params = function.typed_params();
    match kind {
        Kind::Task => params.all(|param| is_plain(&param.ty)),
        Kind::Batch => params.all(|param| match strip(&param.ty) {
            Type::Path(path) => PRIMITIVES.iter().any(|name| path.path.is_ident(name)),
            _ => false,
        }),
    }
}

/// Whether a type consists of paths, and shows all that it consists of.
fn is_plain(ty: &Type) -> bool {
    match strip(ty) {
        Type::Array(array) => is_plain(&array.elem),
        Type::Tuple(tuple) => tuple.elems.iter().all(is_plain),
        Type::Path(path) if path.qself.is_none() => {
            let mut segments = path.path.segments.iter();
            segments.all(|segment| match &segment.arguments {
                PathArguments::None => true,
                PathArguments::AngleBracketed(arguments) => arguments
                    .args
                    .iter()
                    .all(|argument| matches!(argument, GenericArgument::Type(ty) if is_plain(ty))),
                PathArguments::Parenthesized(_) => false,
            })
        }
        _ => false,
    }
}

/// The lifetimes that the signature uses and nothing declares: a mistake in any function.
pub(crate) fn undeclared_lifetimes(function: &Function) -> Vec<Lifetime> {
    // `for<'a>` declares some in the middle of a type.
    if tokens::spells(function.signature_tokens(), "for") {
        return Vec::new();
    }
    let output = match &function.output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => Some(&**ty),
    };
    let types = function.typed_params().map(|param| &param.ty).chain(output);
    let mut found: Vec<Lifetime> = Vec::new();
    for lifetime in types.flat_map(|ty| Borrows::of(ty).named) {
        let mut declared = function.generics.lifetimes();
        let is_declared = declared.any(|own| own.lifetime == lifetime);
        if lifetime.ident != "static" && !is_declared && !found.contains(&lifetime) {
            found.push(lifetime);
        }
    }
    found
}
