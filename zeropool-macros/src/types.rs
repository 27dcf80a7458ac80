//! Walking over types: what a signature borrows, and names for what it leaves unnamed.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{
    AngleBracketedGenericArguments, GenericArgument, Lifetime, Path, PathArguments, QSelf,
    ReturnType, Token, Type, TypeParamBound, TypeReference,
};

/// What a walk over a type calls back. Lifetimes inside `fn(…)` and `Fn(…)` belong to those, not to the signature
/// around them: there only named ones are reported.
pub(crate) trait Visitor {
    /// A lifetime as written: `'a`, `'static` or, outside of functions, `'_`.
    fn lifetime(&mut self, _lifetime: &mut Lifetime) {}
    /// A reference without a lifetime, outside of functions.
    fn elided_reference(&mut self, _reference: &mut TypeReference) {}
    /// `impl Trait`, after what is in it.
    fn impl_trait(&mut self, _ty: &mut Type) {}
    /// A generic argument, before what is in it.
    fn argument(&mut self, _argument: &mut GenericArgument) {}
    /// A path, before its arguments.
    fn path(&mut self, _path: &Path) {}
}

/// Calls `visitor` for everything in `ty`, outside first.
pub(crate) fn walk(ty: &mut Type, visitor: &mut dyn Visitor) {
    Walk {
        visitor,
        in_function: false,
    }
    .ty(ty);
}

struct Walk<'v> {
    visitor: &'v mut dyn Visitor,
    in_function: bool,
}

impl Walk<'_> {
    fn ty(&mut self, ty: &mut Type) {
        match ty {
            Type::Array(array) => self.ty(&mut array.elem),
            Type::Group(group) => self.ty(&mut group.elem),
            Type::Paren(paren) => self.ty(&mut paren.elem),
            Type::Ptr(pointer) => self.ty(&mut pointer.elem),
            Type::Slice(slice) => self.ty(&mut slice.elem),
            Type::Tuple(tuple) => tuple.elems.iter_mut().for_each(|elem| self.ty(elem)),
            Type::Path(path) => self.qualified_path(path.qself.as_mut(), &mut path.path),
            Type::TraitObject(object) => self.bounds(&mut object.bounds),
            Type::Reference(reference) => {
                match &mut reference.lifetime {
                    Some(lifetime) => self.lifetime(lifetime),
                    None if !self.in_function => self.visitor.elided_reference(reference),
                    None => {}
                }
                self.ty(&mut reference.elem);
            }
            Type::ImplTrait(found) => {
                self.bounds(&mut found.bounds);
                self.visitor.impl_trait(ty);
            }
            Type::FnPtr(pointer) => self.inside_function(|walk| {
                pointer
                    .inputs
                    .iter_mut()
                    .for_each(|input| walk.ty(&mut input.ty));
                walk.output(&mut pointer.output);
            }),
            // Nothing in them, or nothing that can be seen.
            _ => {}
        }
    }

    fn inside_function(&mut self, visit: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.in_function, true);
        visit(self);
        self.in_function = before;
    }

    fn output(&mut self, output: &mut ReturnType) {
        if let ReturnType::Type(_, ty) = output {
            self.ty(ty);
        }
    }

    fn lifetime(&mut self, lifetime: &mut Lifetime) {
        if !(self.in_function && lifetime.ident == "_") {
            self.visitor.lifetime(lifetime);
        }
    }

    fn bounds(&mut self, bounds: &mut Punctuated<TypeParamBound, Token![+]>) {
        for bound in bounds {
            match bound {
                TypeParamBound::Trait(bound) => self.qualified_path(None, &mut bound.path),
                TypeParamBound::Lifetime(lifetime) => self.lifetime(lifetime),
                _ => {}
            }
        }
    }

    fn qualified_path(&mut self, qself: Option<&mut QSelf>, path: &mut Path) {
        match qself {
            Some(qself) => self.ty(&mut qself.ty),
            None => self.visitor.path(path),
        }
        for segment in &mut path.segments {
            match &mut segment.arguments {
                PathArguments::None => {}
                PathArguments::AngleBracketed(arguments) => self.arguments(arguments),
                PathArguments::Parenthesized(arguments) => self.inside_function(|walk| {
                    arguments
                        .inputs
                        .iter_mut()
                        .for_each(|input| walk.ty(&mut input.ty));
                    walk.output(&mut arguments.output);
                }),
            }
        }
    }

    fn arguments(&mut self, arguments: &mut AngleBracketedGenericArguments) {
        for argument in &mut arguments.args {
            self.visitor.argument(argument);
            match argument {
                GenericArgument::Lifetime(lifetime) => self.lifetime(lifetime),
                GenericArgument::Type(ty) => self.ty(ty),
                GenericArgument::AssocType(assoc) => self.ty(&mut assoc.ty),
                GenericArgument::Constraint(constraint) => self.bounds(&mut constraint.bounds),
                _ => {}
            }
        }
    }
}

/// The type itself, out of parentheses and of the invisible group around a `$ty:ty`.
pub(crate) fn strip(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => strip(&group.elem),
        Type::Paren(paren) => strip(&paren.elem),
        _ => ty,
    }
}

pub(crate) fn is_mutable_reference(ty: &Type) -> bool {
    matches!(strip(ty), Type::Reference(reference) if reference.mutability.is_some())
}

/// What a reference refers to; any other type itself.
pub(crate) fn referent(ty: &Type) -> &Type {
    match strip(ty) {
        Type::Reference(reference) => &reference.elem,
        _ => ty,
    }
}

/// Every lifetime of a type, named and unnamed.
#[derive(Default)]
pub(crate) struct Borrows {
    /// Named ones, `'static` included.
    pub(crate) named: Vec<Lifetime>,
    /// How many have no name.
    pub(crate) elided: usize,
    /// The first token of an unnamed one: `&` or `'_`.
    pub(crate) first_elided: Option<TokenStream>,
}

impl Borrows {
    pub(crate) fn of(ty: &Type) -> Self {
        let mut borrows = Self::default();
        walk(&mut ty.clone(), &mut borrows);
        borrows
    }

    fn elided_at(&mut self, tokens: impl ToTokens) {
        self.elided += 1;
        self.first_elided
            .get_or_insert_with(|| tokens.to_token_stream());
    }
}

impl Visitor for Borrows {
    fn lifetime(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident == "_" {
            self.elided_at(lifetime);
        } else {
            self.named.push(lifetime.clone());
        }
    }

    fn elided_reference(&mut self, reference: &mut TypeReference) {
        self.elided_at(reference.and_token);
    }
}
