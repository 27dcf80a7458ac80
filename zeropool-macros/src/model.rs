//! What an expansion needs to know about a function, computed once.

use crate::args::{Options, Priority};
use crate::check::{self, BufferShape};
use crate::elision;
use crate::errors::Errors;
use crate::generics::{self, phantom_type};
use crate::naming::Namer;
use crate::path::CratePath;
use crate::signature::{Binding, Function, MarkKind, TypedParam};
use crate::source::{Source, is_unsized};
use crate::tokens;
use crate::types::strip;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident};
use syn::ext::IdentExt;
use syn::{Generics, LifetimeParam, Type};

/// Which attribute the function has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Task,
    Batch,
}

/// A function, and the struct of what its callers give.
pub(crate) struct Model {
    pub(crate) kind: Kind,
    pub(crate) function: Function,
    pub(crate) krate: CratePath,
    pub(crate) struct_name: Ident,
    /// The name that `Debug` of a handle shows.
    pub(crate) name: String,
    pub(crate) priority: Option<Priority>,
    pub(crate) params: Vec<Param>,
    /// The generics of the struct: the function's, and one for everything that has no name there.
    pub(crate) generics: Generics,
    /// The lifetimes that only the items of a batch have.
    pub(crate) item_lifetimes: Vec<LifetimeParam>,
    /// The type of the hidden field, if some generic occurs in no other.
    pub(crate) phantom: Option<TokenStream>,
    /// The name of that field, which is what a message about a literal without it says.
    pub(crate) marker: Ident,
    pub(crate) output: Type,
    /// Whether the output may borrow from an argument or from what the worker lends: a mistake that has been reported.
    pub(crate) borrows_unclear: bool,
    /// Whether the output depends on a type parameter, so that only its users know whether it is `Send`.
    pub(crate) generic_output: bool,
}

/// A parameter, in the function's own order.
pub(crate) struct Param {
    /// `#[cfg(…)]` on everything that is about this parameter.
    pub(crate) cfgs: TokenStream,
    /// What generated code calls its value.
    pub(crate) local: Ident,
    /// As written.
    pub(crate) ty: Type,
    /// The name under which some `#[buf(LEN)]` uses it.
    pub(crate) used_in_length: Option<Ident>,
    /// The name under which some `#[chunk(N)]` uses it.
    pub(crate) used_in_chunk: Option<Ident>,
    pub(crate) supply: Supply,
}

/// Where the value of a parameter comes from.
pub(crate) enum Supply {
    /// The caller, and it is a field of the struct.
    Argument(Box<Argument>),
    /// The items of a batch. There is no source where the type is a mistake.
    Item(Box<Argument>, Option<Box<Source>>),
    /// The position of the item in the batch.
    Index,
    Buffer {
        shape: BufferShape,
        length: TokenStream,
    },
    Context,
}

/// What the caller gives.
pub(crate) struct Argument {
    pub(crate) field: Ident,
    /// The type with everything in it named.
    pub(crate) ty: Type,
    /// Whether the type depends on a type parameter, so that only its users know whether it is `Send`.
    pub(crate) generic: bool,
}

impl Model {
    pub(crate) fn new(
        kind: Kind,
        function: Function,
        options: Options,
        errors: &mut Errors,
    ) -> Self {
        let mut namer = Namer::new(function.signature_tokens());
        let mut params: Vec<Param> = Vec::new();
        for (position, param) in function.typed_params().enumerate() {
            params.push(Param::new(kind, param, position, &function, &mut namer));
        }
        check_duplicates(&params, errors);
        check_sizes(&mut params, errors);
        let undeclared = elision::undeclared_lifetimes(&function);
        if !undeclared.is_empty() {
            errors.leave_to_compiler();
            namer.lifetimes.extend(undeclared);
        }
        let (output, borrows_unclear) =
            elision::output_type(kind, &function, &params, &namer, errors);
        let generics = generics::struct_generics(&function, &namer, &params, &output);
        let item_lifetimes = generics::item_lifetimes(&function, &namer, &params, &generics);
        let type_names: Vec<&Ident> = generics.type_params().map(|param| &param.ident).collect();
        let depends =
            |ty: &Type| tokens::mentions(ty.to_token_stream(), type_names.iter().copied());
        for param in &mut params {
            if let Supply::Argument(argument) | Supply::Item(argument, _) = &mut param.supply {
                argument.generic = depends(&argument.ty);
            }
        }
        let generic_output = depends(&output);
        let phantom = phantom_type(&generics, &params);
        let marker = Ident::new(&namer.fresh("use_new", str::to_owned), Span::mixed_site());
        let struct_name = options
            .struct_name
            .unwrap_or_else(|| function.ident.clone());
        let name = options
            .name
            .map_or_else(|| function.ident.unraw().to_string(), |name| name.value());
        Self {
            kind,
            function,
            krate: CratePath::new(options.krate),
            struct_name,
            name,
            priority: options.priority,
            params,
            generics,
            item_lifetimes,
            phantom,
            marker,
            output,
            borrows_unclear,
            generic_output,
        }
    }

    /// The function's name as users write it, for documentation.
    pub(crate) fn name_in_source(&self) -> String {
        self.function.ident.to_string()
    }

    /// What is a field of the struct.
    pub(crate) fn arguments(&self) -> impl Iterator<Item = (&Param, &Argument)> {
        self.params.iter().filter_map(|param| match &param.supply {
            Supply::Argument(argument) => Some((param, &**argument)),
            _ => None,
        })
    }

    /// What a batch goes over, in the function's order.
    pub(crate) fn sources(&self) -> impl Iterator<Item = (&Param, &Argument, &Source)> {
        self.params.iter().filter_map(|param| match &param.supply {
            Supply::Item(argument, Some(source)) => Some((param, &**argument, &**source)),
            _ => None,
        })
    }
}

impl Param {
    fn new(
        kind: Kind,
        param: &TypedParam,
        position: usize,
        function: &Function,
        namer: &mut Namer,
    ) -> Self {
        let used_in = |kind: MarkKind| match &param.binding {
            Binding::Plain(name)
                if function
                    .lengths(kind)
                    .any(|length| tokens::names(length).contains(name)) =>
            {
                Some(name.clone())
            }
            _ => None,
        };
        // The marks of a batch are a mistake on a task, and then no marks.
        let mark = param
            .mark()
            .filter(|mark| kind == Kind::Batch || mark.kind.is_lent());
        let supply = match mark {
            Some(mark) if mark.kind == MarkKind::Buf => Supply::Buffer {
                shape: check::buffer_shape(&param.ty).unwrap_or(BufferShape::Given),
                length: mark.tokens(),
            },
            Some(mark) if mark.kind == MarkKind::Cx => Supply::Context,
            Some(mark) if mark.kind == MarkKind::Index => Supply::Index,
            Some(mark) => namer.for_items(|namer| {
                let argument = Argument::new(param, position, namer);
                let source = Source::new(mark, &argument, namer);
                Supply::Item(Box::new(argument), source.map(Box::new))
            }),
            None => Supply::Argument(Box::new(Argument::new(param, position, namer))),
        };
        let given = |kind| {
            used_in(kind).filter(|_| !matches!(supply, Supply::Buffer { .. } | Supply::Context))
        };
        Self {
            cfgs: param.cfgs(),
            local: format_ident!("__zp_{position}", span = Span::mixed_site()),
            ty: param.ty.clone(),
            used_in_length: given(MarkKind::Buf),
            used_in_chunk: given(MarkKind::Chunk),
            supply,
        }
    }
}

impl Argument {
    fn new(param: &TypedParam, position: usize, namer: &mut Namer) -> Self {
        let field = match &param.binding {
            Binding::Plain(name) | Binding::ByRef(name) => name.clone(),
            Binding::Pattern => {
                let name = namer.fresh(&format!("arg{position}"), str::to_owned);
                Ident::new(&name, Span::mixed_site())
            }
        };
        let ty = namer.name_all(param.ty.clone(), &field.to_string());
        Self {
            field,
            ty,
            generic: false,
        }
    }
}

/// Two parameters of one name are two fields of one name, and an error in any function.
fn check_duplicates(params: &[Param], errors: &mut Errors) {
    let mut seen: Vec<&Ident> = Vec::new();
    for param in params.iter().filter(|param| param.cfgs.is_empty()) {
        if let Supply::Argument(argument) | Supply::Item(argument, _) = &param.supply {
            if seen.contains(&&argument.field) {
                errors.leave_to_compiler();
            }
            seen.push(&argument.field);
        }
    }
}

/// No function takes `str`, `[T]` or `dyn Trait` by value, and no field of them is one by mistake.
fn check_sizes(params: &mut [Param], errors: &mut Errors) {
    for param in params {
        match &mut param.supply {
            Supply::Argument(argument) if is_unsized(strip(&argument.ty)) => {
                let ty = &argument.ty;
                argument.ty = syn::parse_quote!(&'static #ty);
                errors.leave_to_compiler();
            }
            Supply::Item(argument, source) if is_unsized(strip(&argument.ty)) => {
                *source = None;
                errors.leave_to_compiler();
            }
            _ => {}
        }
    }
}
