//! A function as written: its signature as syntax, its body as opaque tokens.
//!
//! The body is never parsed. That keeps the macros quick to build (`syn` without its `full` feature) and passes
//! half-typed code on to the compiler, and to the editor, as it is.

use crate::naming::OutputLifetime;
use crate::tokens::prepend_to_body;
use crate::types::walk;
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{
    Attribute, GenericParam, Generics, Lifetime, LifetimeParam, Meta, ReturnType, Token, Type,
    Visibility, token,
};

/// A function item.
pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    /// `const`, `async`, `unsafe`, `extern "C"`, in the order written.
    pub(crate) qualifiers: Vec<Qualifier>,
    pub(crate) fn_token: Token![fn],
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) paren: token::Paren,
    pub(crate) params: Vec<Param>,
    pub(crate) output: ReturnType,
    pub(crate) body: Group,
}

/// A word before `fn`, with what belongs to it.
pub(crate) struct Qualifier {
    pub(crate) word: Ident,
    pub(crate) tokens: TokenStream,
}

/// One thing between the parentheses of a signature.
pub(crate) enum Param {
    Typed(Box<TypedParam>),
    /// `self` in any form.
    Receiver(TokenStream),
    /// `...`, with or without a name.
    Variadic(TokenStream),
}

/// `#[marks] #[attrs] pattern: Type`
pub(crate) struct TypedParam {
    pub(crate) attrs: Vec<Attribute>,
    /// Attributes that are ours: they do not stay on the function.
    pub(crate) marks: Vec<Mark>,
    pub(crate) pattern: TokenStream,
    pub(crate) binding: Binding,
    pub(crate) colon: Token![:],
    pub(crate) ty: Type,
}

/// What a pattern binds.
pub(crate) enum Binding {
    /// `name` or `mut name`: a plain identifier.
    Plain(Ident),
    /// `ref name` or `ref mut name`: one name, of another type than the parameter.
    ByRef(Ident),
    /// Anything else.
    Pattern,
}

/// An attribute of ours on a parameter.
pub(crate) struct Mark {
    pub(crate) kind: MarkKind,
    pub(crate) attr: Attribute,
    /// Whether it is spelled otherwise, and this is what it must mean.
    pub(crate) is_misspelt: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum MarkKind {
    /// `#[buf(LEN)]`
    Buf,
    /// `#[cx]`
    Cx,
    /// `#[each]`, of `#[zp::batch]`.
    Each,
    /// `#[chunk(N)]`, of `#[zp::batch]`.
    Chunk,
    /// `#[index]`, of `#[zp::batch]`.
    Index,
}

impl MarkKind {
    /// The mark in an attribute of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "buf" => Some(Self::Buf),
            "cx" => Some(Self::Cx),
            "each" => Some(Self::Each),
            "chunk" => Some(Self::Chunk),
            "index" => Some(Self::Index),
            _ => None,
        }
    }

    /// As it is written in its plain form.
    pub(crate) fn as_written(self) -> &'static str {
        match self {
            Self::Buf => "#[buf(LEN)]",
            Self::Cx => "#[cx]",
            Self::Each => "#[each]",
            Self::Chunk => "#[chunk(N)]",
            Self::Index => "#[index]",
        }
    }

    /// Whether the worker lends what has this mark.
    pub(crate) fn is_lent(self) -> bool {
        matches!(self, Self::Buf | Self::Cx)
    }

    /// Whether what has this mark comes from the items of a batch.
    pub(crate) fn is_item(self) -> bool {
        matches!(self, Self::Each | Self::Chunk)
    }
}

impl Mark {
    /// What is between its parentheses; nothing if there are none.
    pub(crate) fn tokens(&self) -> TokenStream {
        match &self.attr.meta {
            Meta::List(list) => list.tokens.clone(),
            _ => TokenStream::new(),
        }
    }
}

impl Function {
    /// The function as the user wrote it, without our marks, and with `first` at the beginning of its body.
    pub(crate) fn without_marks(&self, first: &TokenStream) -> TokenStream {
        let params = self.params.iter().map(Param::without_marks);
        let mut list = TokenStream::new();
        self.paren
            .surround(&mut list, |list| list.extend(quote!(#(#params),*)));
        let body = prepend_to_body(&self.body, first);
        self.with(&self.generics, &list, &self.output, &body)
    }

    /// The function as if it said that its output borrows from the arguments, and not from what the worker lends.
    pub(crate) fn with_named_output(&self) -> TokenStream {
        let lifetime = Lifetime::new("'argument", Span::mixed_site());
        let named = |ty: &Type| {
            let mut ty = ty.clone();
            walk(&mut ty, &mut OutputLifetime(lifetime.clone()));
            ty
        };
        let params = self.params.iter().map(|param| match param {
            Param::Typed(typed) if typed.mark().is_none_or(|mark| !mark.kind.is_lent()) => {
                typed.without_marks(&named(&typed.ty))
            }
            _ => param.without_marks(),
        });
        let output = match &self.output {
            ReturnType::Default => ReturnType::Default,
            ReturnType::Type(arrow, ty) => ReturnType::Type(*arrow, Box::new(named(ty))),
        };
        let mut generics = self.generics.clone();
        let param = LifetimeParam::new(lifetime.clone());
        generics.params.insert(0, GenericParam::Lifetime(param));
        self.with(&generics, &quote!((#(#params),*)), &output, &self.body)
    }

    /// The function without its variadic parameter, and so without a body.
    pub(crate) fn stub(&self) -> TokenStream {
        let params = self.params.iter();
        let params = params.filter(|param| !matches!(param, Param::Variadic(_)));
        let params = params.map(Param::without_marks);
        let body = Group::new(Delimiter::Brace, quote!(loop {}));
        let list = quote!((#(#params),*));
        let function = self.with(&self.generics, &list, &self.output, &body);
        quote!(#[allow(unused_variables, clippy::all)] #function)
    }

    pub(crate) fn is_variadic(&self) -> bool {
        let mut params = self.params.iter();
        params.any(|param| matches!(param, Param::Variadic(_)))
    }

    fn with(
        &self,
        generics: &Generics,
        list: &TokenStream,
        output: &ReturnType,
        body: &Group,
    ) -> TokenStream {
        let Self {
            attrs,
            vis,
            qualifiers,
            fn_token,
            ident,
            ..
        } = self;
        let attrs = attrs.iter().filter(|attr| !is_ours(attr));
        let qualifiers = qualifiers.iter().map(|qualifier| &qualifier.tokens);
        let clause = &generics.where_clause;
        quote! {
            #(#attrs)*
            #vis #(#qualifiers)* #fn_token #ident #generics #list #output #clause #body
        }
    }

    pub(crate) fn typed_params(&self) -> impl Iterator<Item = &TypedParam> {
        self.params.iter().filter_map(|param| match param {
            Param::Typed(typed) => Some(&**typed),
            Param::Receiver(_) | Param::Variadic(_) => None,
        })
    }

    /// What is between the parentheses of every mark of this kind.
    pub(crate) fn lengths(&self, kind: MarkKind) -> impl Iterator<Item = TokenStream> {
        let marks = self.typed_params().flat_map(|param| &param.marks);
        marks
            .filter(move |mark| mark.kind == kind)
            .map(Mark::tokens)
    }

    /// Its generics, with the `where` clause.
    pub(crate) fn generics_tokens(&self) -> TokenStream {
        let (generics, clause) = (&self.generics, &self.generics.where_clause);
        quote!(#generics #clause)
    }

    /// All tokens of the signature, marks included.
    pub(crate) fn signature_tokens(&self) -> TokenStream {
        let Self {
            ident,
            generics,
            output,
            ..
        } = self;
        let clause = &generics.where_clause;
        let params = self.typed_params().map(|param| {
            let TypedParam {
                pattern, ty, marks, ..
            } = param;
            let marks = marks.iter().map(|mark| &mark.attr);
            quote!(#(#marks)* #pattern #ty)
        });
        quote!(#ident #generics #(#params)* #output #clause)
    }
}

impl Param {
    fn without_marks(&self) -> TokenStream {
        match self {
            Param::Typed(param) => param.without_marks(&param.ty),
            Param::Receiver(tokens) | Param::Variadic(tokens) => tokens.clone(),
        }
    }
}

impl TypedParam {
    fn without_marks(&self, ty: &Type) -> TokenStream {
        let Self {
            attrs,
            pattern,
            colon,
            ..
        } = self;
        quote!(#(#attrs)* #pattern #colon #ty)
    }

    /// The mark that counts: of several, which is a mistake, the first.
    pub(crate) fn mark(&self) -> Option<&Mark> {
        self.marks.first()
    }

    /// Whether its mark is of this kind.
    pub(crate) fn is(&self, kind: MarkKind) -> bool {
        self.mark().is_some_and(|mark| mark.kind == kind)
    }

    /// Its `#[cfg(…)]` attributes, which every generated piece about this parameter needs too.
    pub(crate) fn cfgs(&self) -> TokenStream {
        cfgs(&self.attrs)
    }
}

/// Whether this is `#[zp::task]` or `#[zp::batch]`, on a function that has one of them already.
pub(crate) fn is_ours(attr: &Attribute) -> bool {
    let names: Vec<String> = attr
        .path()
        .segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect();
    matches!(
        names.iter().map(String::as_str).collect::<Vec<_>>()[..],
        ["zp", "task" | "batch"]
    )
}

/// The `#[cfg(…)]` attributes among `attrs`.
pub(crate) fn cfgs(attrs: &[Attribute]) -> TokenStream {
    attrs
        .iter()
        .filter(|attr| attr.path().is_ident("cfg"))
        .map(ToTokens::to_token_stream)
        .collect()
}
