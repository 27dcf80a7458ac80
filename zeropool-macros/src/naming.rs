//! Names for what a signature leaves unnamed: elided lifetimes and `impl Trait`.

use crate::tokens;
use crate::types::{Visitor, walk};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{
    AssocType, Constraint, GenericArgument, Lifetime, LifetimeParam, Token, Type, TypeParam,
    TypePath, TypeReference,
};

/// Gives names to the elided lifetimes and the `impl Trait`s of parameter types.
///
/// The user's own lifetimes are never renamed, and no new name is spelled like anything in the signature.
pub(crate) struct Namer {
    signature: TokenStream,
    taken: Vec<String>,
    /// The name of the parameter being walked; new names are derived from it.
    stem: String,
    pub(crate) lifetimes: Vec<Lifetime>,
    /// Those of items, which are not the struct's.
    pub(crate) item_lifetimes: Vec<Lifetime>,
    pub(crate) impl_params: Vec<TypeParam>,
}

impl Namer {
    pub(crate) fn new(signature: TokenStream) -> Self {
        Self {
            signature,
            taken: Vec::new(),
            stem: String::new(),
            lifetimes: Vec::new(),
            item_lifetimes: Vec::new(),
            impl_params: Vec::new(),
        }
    }

    /// `ty` with everything in it named, after the parameter `name`.
    pub(crate) fn name_all(&mut self, mut ty: Type, name: &str) -> Type {
        name.clone_into(&mut self.stem);
        walk(&mut ty, self);
        ty
    }

    /// Names what belongs to the items of a batch: lifetimes given meanwhile are theirs.
    pub(crate) fn for_items<R>(&mut self, name: impl FnOnce(&mut Self) -> R) -> R {
        let before = self.lifetimes.len();
        let result = name(self);
        // Those in the bounds of an `impl Trait` belong to the generics, and so to the struct.
        let impls = &self.impl_params;
        let in_bounds = tokens::lifetimes(quote!(#(#impls)*));
        let given = self.lifetimes.split_off(before);
        let (structs, items): (Vec<_>, Vec<_>) = given
            .into_iter()
            .partition(|lifetime| in_bounds.contains(&lifetime.ident));
        self.lifetimes.extend(structs);
        self.item_lifetimes.extend(items);
        result
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

    /// A lifetime for a slice of what the parameter is.
    pub(crate) fn fresh_slice_lifetime(&mut self, at: Span) -> Lifetime {
        self.stem = format!("each_{}", self.stem.trim_start_matches("r#"));
        self.fresh_lifetime(at)
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

    /// `Item = impl Trait` means `Item: Trait`, and needs no name.
    fn argument(&mut self, argument: &mut GenericArgument) {
        if let GenericArgument::AssocType(AssocType {
            ident,
            generics,
            ty: Type::ImplTrait(found),
            ..
        }) = argument
        {
            *argument = GenericArgument::Constraint(Constraint {
                ident: ident.clone(),
                generics: generics.take(),
                colon_token: Token![:](found.impl_token.span),
                bounds: found.bounds.clone(),
            });
        }
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

/// Leaves these lifetimes to the compiler, in a function body.
pub(crate) struct Inferred<'a>(pub(crate) &'a [LifetimeParam]);

impl Visitor for Inferred<'_> {
    fn lifetime(&mut self, lifetime: &mut Lifetime) {
        if self.0.iter().any(|own| own.lifetime == *lifetime) {
            *lifetime = Lifetime::new("'_", lifetime.span());
        }
    }
}

/// Makes the elided lifetimes of an output, and these, static.
pub(crate) struct Static<'a>(pub(crate) &'a [Lifetime]);

impl Visitor for Static<'_> {
    fn lifetime(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident == "_" || self.0.contains(lifetime) {
            *lifetime = Lifetime::new("'static", lifetime.span());
        }
    }

    fn elided_reference(&mut self, reference: &mut TypeReference) {
        reference.lifetime = Some(Lifetime::new("'static", reference.and_token.span));
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
