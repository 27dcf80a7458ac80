//! A function as written: its signature as syntax, its body as opaque tokens.
//!
//! The body is never parsed. That keeps the macros quick to build (`syn` without its `full` feature) and passes
//! half-typed code on to the compiler, and to the editor, as it is.

use crate::tokens::prepend_to_body;
use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Generics, Lifetime, LitStr, ReturnType, Token, Type, Visibility, token};

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
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum MarkKind {
    /// `#[buf(LEN)]`
    Buf,
    /// `#[cx]`
    Cx,
    /// `#[each]`, `#[chunk]` or `#[index]`: marks of `#[zp::batch]`.
    Batch,
}

impl Function {
    /// The function as the user wrote it, without our marks, and with `first` at the beginning of its body.
    pub(crate) fn without_marks(&self, first: &TokenStream) -> TokenStream {
        let Self {
            attrs,
            vis,
            qualifiers,
            fn_token,
            ident,
            generics,
            paren,
            params,
            output,
            body,
        } = self;
        let qualifiers = qualifiers.iter().map(|qualifier| &qualifier.tokens);
        let mut list = TokenStream::new();
        paren.surround(&mut list, |list| {
            let params = params.iter().map(Param::without_marks);
            list.extend(quote!(#(#params),*));
        });
        let body = prepend_to_body(body, first);
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
            Param::Typed(param) => {
                let TypedParam {
                    attrs,
                    pattern,
                    colon,
                    ty,
                    ..
                } = &**param;
                quote!(#(#attrs)* #pattern #colon #ty)
            }
            Param::Receiver(tokens) | Param::Variadic(tokens) => tokens.clone(),
        }
    }
}

impl TypedParam {
    /// Its `#[cfg(…)]` attributes, which every generated piece about this parameter needs too.
    pub(crate) fn cfgs(&self) -> TokenStream {
        cfgs(&self.attrs)
    }
}

/// The `#[cfg(…)]` attributes among `attrs`.
pub(crate) fn cfgs(attrs: &[Attribute]) -> TokenStream {
    attrs
        .iter()
        .filter(|attr| attr.path().is_ident("cfg"))
        .map(ToTokens::to_token_stream)
        .collect()
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let qualifiers = parse_qualifiers(input)?;
        if !input.peek(Token![fn]) {
            return Err(
                input.error("expected a function: this attribute goes on `fn name(…) { … }`")
            );
        }
        let fn_token = input.parse()?;
        let ident = input.call(Ident::parse_any)?;
        let mut generics: Generics = input.parse()?;
        let content;
        let paren = syn::parenthesized!(content in input);
        let mut params = Vec::new();
        while !content.is_empty() {
            params.push(content.parse()?);
            if !content.is_empty() {
                content.parse::<Token![,]>()?;
            }
        }
        let output = input.parse().map_err(explain)?;
        generics.where_clause = input.parse().map_err(explain)?;
        if input.peek(Token![;]) {
            return Err(
                input.error("expected a body: a task is a function that can be called, `{ … }`")
            );
        }
        let body = input.parse()?;
        Ok(Self {
            attrs,
            vis,
            qualifiers,
            fn_token,
            ident,
            generics,
            paren,
            params,
            output,
            body,
        })
    }
}

fn parse_qualifiers(input: ParseStream<'_>) -> syn::Result<Vec<Qualifier>> {
    let mut qualifiers = Vec::new();
    while !input.peek(Token![fn]) {
        let ahead = input.fork();
        let Ok(word) = ahead.call(Ident::parse_any) else {
            break;
        };
        if !["const", "async", "unsafe", "safe", "extern", "gen"]
            .iter()
            .any(|known| word == known)
        {
            break;
        }
        input.call(Ident::parse_any)?;
        let mut tokens = word.to_token_stream();
        if word == "extern" && input.peek(LitStr) {
            input.parse::<LitStr>()?.to_tokens(&mut tokens);
        }
        qualifiers.push(Qualifier { word, tokens });
    }
    Ok(qualifiers)
}

impl Parse for Param {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let all_attrs = input.call(Attribute::parse_outer)?;
        if let Some(receiver) = parse_receiver(input)? {
            return Ok(Param::Receiver(quote!(#(#all_attrs)* #receiver)));
        }
        if input.peek(Token![...]) {
            let dots: Token![...] = input.parse()?;
            return Ok(Param::Variadic(quote!(#(#all_attrs)* #dots)));
        }
        let pattern = parse_pattern(input)?;
        let colon: Token![:] = input.parse()?;
        if input.peek(Token![...]) {
            let dots: Token![...] = input.parse()?;
            return Ok(Param::Variadic(
                quote!(#(#all_attrs)* #pattern #colon #dots),
            ));
        }
        let ty = input.parse().map_err(explain)?;
        let binding = binding_of(pattern.clone());
        let (mut attrs, mut marks) = (Vec::new(), Vec::new());
        for attr in all_attrs {
            match mark_kind(&attr) {
                Some(kind) => marks.push(Mark { kind, attr }),
                None => attrs.push(attr),
            }
        }
        Ok(Param::Typed(Box::new(TypedParam {
            attrs,
            marks,
            pattern,
            binding,
            colon,
            ty,
        })))
    }
}

fn mark_kind(attr: &Attribute) -> Option<MarkKind> {
    let name = attr.path().get_ident()?.to_string();
    match name.as_str() {
        "buf" => Some(MarkKind::Buf),
        "cx" => Some(MarkKind::Cx),
        "each" | "chunk" | "index" => Some(MarkKind::Batch),
        _ => None,
    }
}

/// `self`, `mut self`, `&self`, `&'a mut self`, each perhaps with a type.
fn parse_receiver(input: ParseStream<'_>) -> syn::Result<Option<TokenStream>> {
    let ahead = input.fork();
    if ahead.parse::<Option<Token![&]>>()?.is_some() {
        ahead.parse::<Option<Lifetime>>()?;
    }
    ahead.parse::<Option<Token![mut]>>()?;
    if !ahead.peek(Token![self]) || ahead.peek2(Token![::]) {
        return Ok(None);
    }
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) && !input.peek(Token![:]) {
        input.parse::<TokenTree>()?.to_tokens(&mut tokens);
    }
    if input.peek(Token![:]) {
        input.parse::<Token![:]>()?.to_tokens(&mut tokens);
        input
            .parse::<Type>()
            .map_err(explain)?
            .to_tokens(&mut tokens);
    }
    Ok(Some(tokens))
}

/// Everything up to the colon in front of the type.
fn parse_pattern(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut tokens = TokenStream::new();
    while !input.peek(Token![:]) || input.peek(Token![::]) {
        if input.peek(Token![::]) {
            input.parse::<Token![::]>()?.to_tokens(&mut tokens);
        } else {
            input.parse::<TokenTree>()?.to_tokens(&mut tokens);
        }
    }
    Ok(tokens)
}

fn binding_of(pattern: TokenStream) -> Binding {
    let mut trees: Vec<TokenTree> = pattern.into_iter().collect();
    // A `$pattern:pat` of some `macro_rules!` comes as one invisible group.
    if let [TokenTree::Group(group)] = trees.as_slice()
        && group.delimiter() == proc_macro2::Delimiter::None
    {
        return binding_of(group.stream());
    }
    let last = trees.pop();
    let words: Vec<String> = trees.iter().map(ToString::to_string).collect();
    match (
        words
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .as_slice(),
        last,
    ) {
        ([] | ["mut"], Some(TokenTree::Ident(ident))) if ident != "_" => Binding::Plain(ident),
        (
            ["ref"] | ["ref", "mut"] | ["mut", "ref"] | ["mut", "ref", "mut"],
            Some(TokenTree::Ident(ident)),
        ) => Binding::ByRef(ident),
        _ => Binding::Pattern,
    }
}

/// `syn` without its `full` feature does not know every expression inside a type, and says so in its own terms.
fn explain(error: syn::Error) -> syn::Error {
    if error.to_string().contains("enable syn's features") {
        let text =
            "this length is too complex to be read here: give it a name, `const LEN: usize = …;`";
        return syn::Error::new(error.span(), text);
    }
    error
}
