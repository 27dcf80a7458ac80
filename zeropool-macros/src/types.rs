//! Walking over types: what a signature borrows, and names for what it leaves unnamed.

use crate::tokens;
use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{
    AngleBracketedGenericArguments, GenericArgument, Lifetime, Path, PathArguments, QSelf,
    ReturnType, Token, Type, TypeParam, TypeParamBound, TypePath, TypeReference,
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

/// Gives names to the elided lifetimes and the `impl Trait`s of parameter types.
///
/// The user's own lifetimes are never renamed, and no new name is spelled like anything in the signature.
pub(crate) struct Namer {
    signature: TokenStream,
    taken: Vec<String>,
    /// The name of the parameter being walked; new names are derived from it.
    stem: String,
    pub(crate) lifetimes: Vec<Lifetime>,
    pub(crate) impl_params: Vec<TypeParam>,
}

impl Namer {
    pub(crate) fn new(signature: TokenStream) -> Self {
        Self {
            signature,
            taken: Vec::new(),
            stem: String::new(),
            lifetimes: Vec::new(),
            impl_params: Vec::new(),
        }
    }

    /// `ty` with everything in it named, after the parameter `name`.
    pub(crate) fn name_all(&mut self, mut ty: Type, name: &str) -> Type {
        name.clone_into(&mut self.stem);
        walk(&mut ty, self);
        ty
    }

    /// `wish`, with a number behind it if that is taken.
    pub(crate) fn fresh(&mut self, wish: &str, spelled: impl Fn(&str) -> String) -> String {
        let free = (0..)
            .map(|n| {
                if n == 0 {
                    wish.to_owned()
                } else {
                    format!("{wish}{n}")
                }
            })
            .find(|name| {
                !self.taken.contains(&spelled(name))
                    && !tokens::spells(self.signature.clone(), name)
            });
        let name = free.unwrap_or_default();
        self.taken.push(spelled(&name));
        name
    }

    fn fresh_lifetime(&mut self, at: Span) -> Lifetime {
        // A lifetime cannot be spelled like a keyword, and a parameter `r#type` can.
        let stem = if self.stem.starts_with("r#") {
            "arg".to_owned()
        } else {
            self.stem.clone()
        };
        // The parameter's own name is in the signature: the lifetime is told apart by its quote.
        let mut n = 0;
        let name = loop {
            let name = if n == 0 {
                stem.clone()
            } else {
                format!("{stem}{n}")
            };
            let quoted = format!("'{name}");
            let known = tokens::lifetimes(self.signature.clone())
                .iter()
                .any(|known| *known == name);
            if !known && !self.taken.contains(&quoted) {
                self.taken.push(quoted.clone());
                break quoted;
            }
            n += 1;
        };
        let lifetime = Lifetime::new(&name, Span::mixed_site().located_at(at));
        self.lifetimes.push(lifetime.clone());
        lifetime
    }
}

impl Visitor for Namer {
    fn lifetime(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident == "_" {
            *lifetime = self.fresh_lifetime(lifetime.apostrophe);
        }
    }

    fn elided_reference(&mut self, reference: &mut TypeReference) {
        reference.lifetime = Some(self.fresh_lifetime(reference.and_token.span));
    }

    fn impl_trait(&mut self, ty: &mut Type) {
        let Type::ImplTrait(found) = ty else { return };
        let name = self.fresh(&format!("Impl{}", camel_case(&self.stem)), str::to_owned);
        let ident = Ident::new(&name, Span::mixed_site().located_at(found.impl_token.span));
        self.impl_params.push(TypeParam {
            attrs: Vec::new(),
            ident: ident.clone(),
            colon_token: Some(Token![:](found.impl_token.span)),
            bounds: found.bounds.clone(),
            default: None,
        });
        *ty = Type::Path(TypePath {
            attrs: Vec::new(),
            qself: None,
            path: ident.into(),
        });
    }
}

/// Gives one name to all elided lifetimes of an output.
pub(crate) struct OutputLifetime(pub(crate) Lifetime);

impl Visitor for OutputLifetime {
    fn lifetime(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident == "_" {
            lifetime.clone_from(&self.0);
        }
    }

    fn elided_reference(&mut self, reference: &mut TypeReference) {
        reference.lifetime = Some(self.0.clone());
    }
}

fn camel_case(snake: &str) -> String {
    let words = snake
        .trim_start_matches("r#")
        .split('_')
        .filter(|word| !word.is_empty());
    words
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| {
                first.to_uppercase().chain(letters).collect()
            })
        })
        .collect()
}
