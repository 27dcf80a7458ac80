//! Where the items of a batch come from: what `over` takes, and what the function is given of it.

use crate::model::Argument;
use crate::naming::Namer;
use crate::signature::{Mark, MarkKind};
use crate::types::strip;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{Lifetime, Type, TypeReference};

/// What an `#[each]` or `#[chunk(N)]` parameter goes over.
pub(crate) struct Source {
    element: Type,
    access: Access,
    /// `N` of `#[chunk(N)]`.
    chunk: Option<TokenStream>,
    /// An element is a reference to something that cannot be an element itself: `&str`, `&[T]`, `&dyn Trait`.
    is_reference: bool,
}

enum Access {
    Shared(Lifetime),
    Mutable(Lifetime),
    Owned,
}

impl Source {
    /// The source of a parameter with this mark, or nothing where the type does not fit the mark.
    pub(crate) fn new(mark: &Mark, argument: &Argument, namer: &mut Namer) -> Option<Self> {
        let chunk = (mark.kind == MarkKind::Chunk).then(|| mark.tokens());
        let Type::Reference(reference) = strip(&argument.ty) else {
            return chunk.is_none().then(|| Self {
                element: argument.ty.clone(),
                access: Access::Owned,
                chunk: None,
                is_reference: false,
            });
        };
        let is_reference = chunk.is_none() && is_unsized(&reference.elem);
        let (element, lifetime) = match (strip(&reference.elem), &chunk) {
            (Type::Slice(slice), Some(_)) => ((*slice.elem).clone(), reference.lifetime.clone()?),
            (_, Some(_)) => return None,
            (_, None) if is_reference => outer(reference, namer)?,
            (_, None) => ((*reference.elem).clone(), reference.lifetime.clone()?),
        };
        let access = match reference.mutability {
            None => Access::Shared(lifetime),
            Some(_) => Access::Mutable(lifetime),
        };
        Some(Self {
            element,
            access,
            chunk,
            is_reference,
        })
    }

    /// The type of one element of what `over` takes.
    pub(crate) fn element(&self) -> &Type {
        &self.element
    }

    /// Whether calls see the elements where they are, so that the elements have to be `Sync`; else they are handed
    /// over, and have to be `Send`.
    pub(crate) fn is_shared(&self) -> bool {
        matches!(self.access, Access::Shared(_))
    }

    pub(crate) fn is_chunked(&self) -> bool {
        self.chunk.is_some()
    }

    /// The type that `over` takes.
    pub(crate) fn taken(&self, private: &TokenStream) -> TokenStream {
        let (span, element) = (Span::mixed_site(), &self.element);
        match &self.access {
            Access::Shared(lifetime) => quote_spanned!(span=> &#lifetime [#element]),
            Access::Mutable(lifetime) => quote_spanned!(span=> &#lifetime mut [#element]),
            Access::Owned => quote_spanned!(span=> #private::Vec<#element>),
        }
    }

    /// The library's type for it.
    pub(crate) fn ty(&self, private: &TokenStream) -> TokenStream {
        let (span, element) = (Span::mixed_site(), &self.element);
        let name = match (&self.access, &self.chunk) {
            (Access::Shared(_), None) => "EachRef",
            (Access::Mutable(_), None) => "EachMut",
            (Access::Shared(_), Some(_)) => "ChunksRef",
            (Access::Mutable(_), Some(_)) => "ChunksMut",
            (Access::Owned, _) => "EachOwned",
        };
        let name = Ident::new(name, span);
        match &self.access {
            Access::Shared(lifetime) | Access::Mutable(lifetime) => {
                quote_spanned!(span=> #private::#name<#lifetime, #element>)
            }
            Access::Owned => quote_spanned!(span=> #private::#name<#element>),
        }
    }

    /// The expression that makes it of `argument`.
    pub(crate) fn make(&self, argument: &Argument, private: &TokenStream) -> TokenStream {
        let span = Span::mixed_site();
        let name = match (&self.access, &self.chunk) {
            (Access::Shared(_), None) => "each_ref",
            (Access::Mutable(_), None) => "each_mut",
            (Access::Shared(_), Some(_)) => "chunks_ref",
            (Access::Mutable(_), Some(_)) => "chunks_mut",
            (Access::Owned, _) => "each_owned",
        };
        let name = Ident::new(name, span);
        let value = &argument.field;
        let length = self
            .chunk
            .as_ref()
            .map(|length| quote_spanned!(span=> , { #length }));
        quote_spanned!(span=> #private::#name(#value #length))
    }

    /// The type of one item of it.
    pub(crate) fn item(&self) -> TokenStream {
        let (span, element) = (Span::mixed_site(), &self.element);
        let many = self.is_chunked();
        let item = if many {
            quote_spanned!(span=> [#element])
        } else {
            element.to_token_stream()
        };
        match &self.access {
            Access::Shared(lifetime) => quote_spanned!(span=> &#lifetime #item),
            Access::Mutable(lifetime) => quote_spanned!(span=> &#lifetime mut #item),
            Access::Owned => item,
        }
    }

    /// From an item in `local` to what the function is given, under the same name.
    pub(crate) fn unwrap(&self, local: &Ident) -> Option<TokenStream> {
        let span = Span::mixed_site();
        self.is_reference.then(|| match self.access {
            Access::Mutable(_) => quote_spanned!(span=> let #local = &mut **#local;),
            Access::Shared(_) | Access::Owned => quote_spanned!(span=> let #local = *#local;),
        })
    }
}

/// Items that are references come from a slice of references, which has a lifetime of its own. A mutable one is lent
/// for the time that the slice is.
fn outer(reference: &TypeReference, namer: &mut Namer) -> Option<(Type, Lifetime)> {
    let own = reference.lifetime.clone()?;
    let other = namer.fresh_slice_lifetime(reference.and_token.span);
    let mut element = reference.clone();
    if reference.mutability.is_none() {
        return Some((Type::Reference(element), other));
    }
    element.lifetime = Some(other);
    Some((Type::Reference(element), own))
}

/// Whether a type certainly has no size of its own.
pub(crate) fn is_unsized(ty: &Type) -> bool {
    match strip(ty) {
        Type::Slice(_) | Type::TraitObject(_) => true,
        Type::Path(path) => {
            let last = path.path.segments.last();
            path.qself.is_none() && last.is_some_and(|last| last.ident == "str")
        }
        _ => false,
    }
}

/// What a local of several zipped sources is made of, as a pattern and as a type: nested to the left.
pub(crate) fn nested<T: ToTokens>(
    items: impl Iterator<Item = T>,
    pair: impl Fn(TokenStream, TokenStream) -> TokenStream,
) -> TokenStream {
    let nested = items.map(|item| item.to_token_stream()).reduce(pair);
    nested.unwrap_or_else(|| quote_spanned!(Span::mixed_site()=> ()))
}
