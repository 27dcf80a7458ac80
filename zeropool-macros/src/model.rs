//! What the expansion of `#[zp::task]` needs to know about a function, computed once.

use crate::args::{Options, Priority};
use crate::check::{self, BORROWS_LENT, BufferShape};
use crate::errors::Errors;
use crate::generics::{phantom_type, send_bounds, struct_generics};
use crate::naming::{Namer, OutputLifetime};
use crate::path::CratePath;
use crate::signature::{Binding, Function, MarkKind, TypedParam};
use crate::tokens;
use crate::types::{Borrows, walk};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::{Generics, Lifetime, Meta, ReturnType, Type};

/// A task function and its parameter struct.
pub(crate) struct Task {
    pub(crate) function: Function,
    pub(crate) krate: CratePath,
    pub(crate) struct_name: Ident,
    /// The name in reports.
    pub(crate) name: String,
    pub(crate) priority: Option<Priority>,
    pub(crate) params: Vec<Param>,
    /// The generics of the struct: the function's, and one for everything that has no name there.
    pub(crate) generics: Generics,
    /// The type of the hidden field, if some generic occurs in no other.
    pub(crate) phantom: Option<TokenStream>,
    pub(crate) output: Type,
    /// What the `Task` implementation has to assume about types it cannot see.
    pub(crate) send_bounds: Vec<TokenStream>,
}

/// A parameter, in the function's own order.
pub(crate) struct Param {
    /// `#[cfg(…)]` on everything that is about this parameter.
    pub(crate) cfgs: TokenStream,
    /// What generated code calls its value.
    pub(crate) local: Ident,
    /// As written.
    pub(crate) ty: Type,
    pub(crate) supply: Supply,
}

/// Where the value of a parameter comes from.
pub(crate) enum Supply {
    Argument(Box<Argument>),
    Buffer {
        shape: BufferShape,
        length: TokenStream,
    },
    Context,
}

pub(crate) struct Argument {
    pub(crate) field: Ident,
    /// The type with everything in it named.
    pub(crate) ty: Type,
    /// The name under which some `#[buf(LEN)]` uses it.
    pub(crate) used_in_length: Option<Ident>,
    /// Whether the type depends on a type parameter, so that only its users know whether it is `Send`.
    pub(crate) generic: bool,
}

impl Task {
    pub(crate) fn new(function: Function, options: Options, errors: &mut Errors) -> Self {
        let mut namer = Namer::new(function.signature_tokens());
        let mut params: Vec<Param> = Vec::new();
        for (position, param) in function.typed_params().enumerate() {
            params.push(Param::new(param, position, &function, &mut namer));
        }
        check_duplicates(&params, errors);
        let output = output_type(&function, &params, &namer, errors);
        let generics = struct_generics(&function, &namer, &params, &output);
        let type_names: Vec<&Ident> = generics.type_params().map(|param| &param.ident).collect();
        let depends =
            |ty: &Type| tokens::mentions(ty.to_token_stream(), type_names.iter().copied());
        for param in &mut params {
            if let Supply::Argument(argument) = &mut param.supply {
                argument.generic = depends(&argument.ty);
            }
        }
        let phantom = phantom_type(&generics, &params);
        let struct_name = options
            .struct_name
            .unwrap_or_else(|| function.ident.clone());
        let name = options
            .name
            .map_or_else(|| function.ident.unraw().to_string(), |name| name.value());
        let send_bounds = send_bounds(
            &struct_name,
            &generics,
            &params,
            depends(&output).then_some(&output),
        );
        let krate = CratePath::new(options.krate);
        let priority = options.priority;
        Self {
            function,
            krate,
            struct_name,
            name,
            priority,
            params,
            generics,
            phantom,
            output,
            send_bounds,
        }
    }

    /// The function's name as users write it, for documentation.
    pub(crate) fn name_in_source(&self) -> String {
        self.function.ident.to_string()
    }

    pub(crate) fn arguments(&self) -> impl Iterator<Item = (&Param, &Argument)> {
        self.params.iter().filter_map(|param| match &param.supply {
            Supply::Argument(argument) => Some((param, &**argument)),
            Supply::Buffer { .. } | Supply::Context => None,
        })
    }
}

impl Param {
    fn new(param: &TypedParam, position: usize, function: &Function, namer: &mut Namer) -> Self {
        let local = format_ident!("__zp_{position}", span = Span::mixed_site());
        let (cfgs, ty) = (param.cfgs(), param.ty.clone());
        let supply = match param.marks.first() {
            Some(mark) if mark.kind == MarkKind::Buf => {
                let shape = check::buffer_shape(&param.ty).unwrap_or(BufferShape::Given);
                let length = match &mark.attr.meta {
                    Meta::List(list) => list.tokens.clone(),
                    _ => quote!(0),
                };
                Supply::Buffer { shape, length }
            }
            Some(mark) if mark.kind == MarkKind::Cx => Supply::Context,
            _ => {
                let field = match &param.binding {
                    Binding::Plain(name) | Binding::ByRef(name) => name.clone(),
                    Binding::Pattern => {
                        let name = namer.fresh(&format!("arg{position}"), str::to_owned);
                        Ident::new(&name, Span::mixed_site())
                    }
                };
                let used_in_length = match &param.binding {
                    Binding::Plain(name)
                        if lengths(function).any(|length| tokens::names(length).contains(name)) =>
                    {
                        Some(name.clone())
                    }
                    _ => None,
                };
                let ty = namer.name_all(param.ty.clone(), &field.to_string());
                Supply::Argument(Box::new(Argument {
                    field,
                    ty,
                    used_in_length,
                    generic: false,
                }))
            }
        };
        Self {
            cfgs,
            local,
            ty,
            supply,
        }
    }
}

fn lengths(function: &Function) -> impl Iterator<Item = TokenStream> {
    let marks = function.typed_params().flat_map(|param| &param.marks);
    marks
        .filter(|mark| mark.kind == MarkKind::Buf)
        .filter_map(|mark| match &mark.attr.meta {
            Meta::List(list) => Some(list.tokens.clone()),
            _ => None,
        })
}

fn check_duplicates(params: &[Param], errors: &mut Errors) {
    let mut seen: Vec<&Ident> = Vec::new();
    for param in params.iter().filter(|param| param.cfgs.is_empty()) {
        if let Supply::Argument(argument) = &param.supply {
            if seen.contains(&&argument.field) {
                let name = &argument.field;
                errors.at(
                    name,
                    format!(
                        "two parameters are called `{name}`, and so would two fields: rename one"
                    ),
                );
            }
            seen.push(&argument.field);
        }
    }
}

/// The output with Rust's elision rule applied: one lifetime in the parameters is the output's too.
fn output_type(function: &Function, params: &[Param], namer: &Namer, errors: &mut Errors) -> Type {
    let mut output = match &function.output {
        ReturnType::Default => return syn::parse_quote!(()),
        ReturnType::Type(_, ty) => (**ty).clone(),
    };
    let Some(elided) = Borrows::of(&output).first_elided else {
        return output;
    };
    let declared = function
        .generics
        .lifetimes()
        .map(|param| &param.lifetime)
        .chain(&namer.lifetimes);
    let declared: Vec<&Lifetime> = declared.collect();
    let mut candidates: Vec<Lifetime> = Vec::new();
    let mut lent = 0;
    for param in params {
        let borrows = match &param.supply {
            Supply::Argument(argument) => Borrows::of(&argument.ty),
            Supply::Buffer { .. } | Supply::Context => Borrows::of(&param.ty),
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
        ([], 0) => errors.at(elided, "the output borrows, but no parameter shows a lifetime: write it, `Name<'_>` for a type that has one, or `&'static`"),
        ([], 1) => errors.at(elided, BORROWS_LENT),
        _ => errors.at(elided, "from which parameter does the output borrow? Name that lifetime: `fn f<'a>(data: &'a [u8], …) -> &'a …`"),
    }
    output
}
