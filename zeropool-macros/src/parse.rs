//! Reading a function: see `signature.rs` for what comes out.

use crate::signature::{Binding, Function, Mark, MarkKind, Param, Qualifier, TypedParam};
use crate::spelling;
use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Generics, Lifetime, LitStr, Token, Type};

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
            return Err(input.error(
                "expected a body, `{ … }`: this attribute goes on a function that can be called",
            ));
        }
        // `syn` has no parser for a group that may be the invisible one around a `$body:block`.
        let TokenTree::Group(body) = input.parse()? else {
            return Err(input.error("expected a body, `{ … }`"));
        };
        spelling::correct(&attrs, &mut params);
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
                Some(kind) => marks.push(Mark {
                    kind,
                    attr,
                    is_misspelt: false,
                }),
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
    MarkKind::named(&attr.path().get_ident()?.to_string())
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
