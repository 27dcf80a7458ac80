//! The options in `#[zp::task(…)]`.

use crate::errors::Errors;
use proc_macro2::{Ident, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{LitStr, Path, Token};

const KNOWN: &str = "the options are `struct = Name`, `name = \"…\"`, `priority = low|normal|high` and `crate = path`";

/// What `#[zp::task(…)]` says; everything is optional.
#[derive(Default)]
pub(crate) struct Options {
    /// `struct = Name`: the name of the parameter struct.
    pub(crate) struct_name: Option<Ident>,
    /// `name = "…"`: the name that `Debug` of a handle shows.
    pub(crate) name: Option<LitStr>,
    /// `priority = high`
    pub(crate) priority: Option<Priority>,
    /// `crate = path`: where the library is.
    pub(crate) krate: Option<Path>,
}

#[derive(Clone, Copy)]
pub(crate) enum Priority {
    Low,
    Normal,
    High,
}

impl Options {
    /// Reads the options. Mistakes go to `errors`; what could be read is kept.
    pub(crate) fn parse(args: TokenStream, errors: &mut Errors) -> Self {
        let mut options = Self::default();
        let parser = |input: ParseStream<'_>| {
            while !input.is_empty() {
                let key = input.call(Ident::parse_any).map_err(|error| {
                    syn::Error::new(error.span(), format!("expected an option: {KNOWN}"))
                })?;
                options.parse_value(&key, input, errors);
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(())
        };
        if let Err(error) = parser.parse2(args) {
            errors.push(error);
        }
        options
    }

    fn parse_value(&mut self, key: &Ident, input: ParseStream<'_>, errors: &mut Errors) {
        let text = key.to_string();
        let result = match text.as_str() {
            "struct" => value(input, key, "struct = Name", <Ident as syn::parse::Parse>::parse).and_then(|new| set(&mut self.struct_name, new, key)),
            "name" => value(input, key, "name = \"…\"", <LitStr as syn::parse::Parse>::parse).and_then(|new| {
                if new.value().is_empty() {
                    return Err(syn::Error::new_spanned(new, "an empty name tells nobody anything: leave `name` out to use the function's"));
                }
                set(&mut self.name, new, key)
            }),
            "priority" => value(input, key, "priority = low|normal|high", parse_priority)
                .and_then(|new| set(&mut self.priority, new, key)),
            "crate" => value(input, key, "crate = path::to::zp", Path::parse_mod_style)
                .and_then(|new| set(&mut self.krate, new, key)),
            _ => Err(syn::Error::new_spanned(key, format!("unknown option `{text}`: {KNOWN}"))),
        };
        if let Err(error) = result {
            errors.push(error);
            skip_to_comma(input);
        }
    }
}

fn value<T>(
    input: ParseStream<'_>,
    key: &Ident,
    form: &str,
    parse: fn(ParseStream<'_>) -> syn::Result<T>,
) -> syn::Result<T> {
    if !input.peek(Token![=]) {
        return Err(syn::Error::new_spanned(
            key,
            format!("this option has a value: `{form}`"),
        ));
    }
    input.parse::<Token![=]>()?;
    parse(input).map_err(|error| syn::Error::new(error.span(), format!("expected `{form}`")))
}

fn parse_priority(input: ParseStream<'_>) -> syn::Result<Priority> {
    let word = input.call(Ident::parse_any)?;
    match word.to_string().as_str() {
        "low" => Ok(Priority::Low),
        "normal" => Ok(Priority::Normal),
        "high" => Ok(Priority::High),
        _ => Err(syn::Error::new_spanned(word, "not a priority")),
    }
}

fn set<T>(slot: &mut Option<T>, new: T, key: &Ident) -> syn::Result<()> {
    if slot.is_some() {
        return Err(syn::Error::new_spanned(
            key,
            format!("`{key}` is given twice: remove one"),
        ));
    }
    *slot = Some(new);
    Ok(())
}

fn skip_to_comma(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        if input.parse::<proc_macro2::TokenTree>().is_err() {
            break;
        }
    }
}
