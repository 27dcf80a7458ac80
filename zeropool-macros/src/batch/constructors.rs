//! `over`, `try_over` and `times`, and what is said about them.

use crate::bounds;
use crate::check::is_context;
use crate::model::{Argument, Model, Supply};
use crate::naming::{Inferred, Namer};
use crate::source::nested;
use crate::structure::{field_values, impl_attrs};
use crate::types::{is_mutable_reference, strip, walk};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

/// The constructors' bodies, and the type of the source that these make.
pub(super) struct Makers {
    source: TokenStream,
    infallible: TokenStream,
    fallible: TokenStream,
    /// Whether they make nothing of their parameters.
    are_unused: bool,
}

impl Makers {
    pub(super) fn new(model: &Model) -> Self {
        let span = Span::mixed_site();
        let private = model.krate.private();
        let fields = field_values(model);
        let batch = |source| quote_spanned!(span=> #private::batch(#source, Self { #fields }));
        if is_counted(model) {
            let n = count_name(model);
            return Self {
                source: quote_spanned!(span=> #private::Times),
                infallible: batch(quote_spanned!(span=> #private::times(#n))),
                fallible: TokenStream::new(),
                are_unused: false,
            };
        }
        let types = model.sources().map(|(.., source)| source.ty(&private));
        let source = nested(types, |a, b| quote_spanned!(span=> #private::Zip<#a, #b>));
        let zip = |how: &str, after: &TokenStream| {
            let how = Ident::new(how, span);
            let mut first = String::new();
            let made = model.sources().map(|(_, argument, source)| {
                let name = argument.field.to_string();
                if first.is_empty() {
                    first.clone_from(&name);
                }
                (source.make(argument, &private), [first.clone(), name])
            });
            let zipped = made.reduce(|(a, _), (b, [first, second])| {
                let both = quote_spanned!(span=> #private::#how(#a, #b, [#first, #second]) #after);
                (both, [first, second])
            });
            batch(zipped.map_or_else(TokenStream::new, |(source, _)| source))
        };
        let fallible = zip("zip", &quote_spanned!(span=> ?));
        Self {
            source,
            infallible: zip("zipped", &TokenStream::new()),
            fallible: quote_spanned!(span=> ::core::result::Result::Ok(#fallible)),
            are_unused: false,
        }
    }

    pub(super) fn unreachable(model: &Model) -> Self {
        let span = Span::mixed_site();
        let private = model.krate.private();
        let unreachable = quote_spanned!(span=> ::core::unreachable!());
        Self {
            source: quote_spanned!(span=> #private::Times),
            infallible: unreachable.clone(),
            fallible: unreachable,
            are_unused: true,
        }
    }
}

fn items(model: &Model) -> impl Iterator<Item = &Ident> {
    model.params.iter().filter_map(|param| match &param.supply {
        Supply::Item(argument, _) => Some(&argument.field),
        _ => None,
    })
}

/// Whether the function is called a number of times, over nothing.
fn is_counted(model: &Model) -> bool {
    let has_index = model
        .params
        .iter()
        .any(|param| matches!(param.supply, Supply::Index));
    has_index && items(model).next().is_none()
}

/// Whether what is wrong with this argument has been said: it should be an item.
fn lacks_mark(model: &Model, argument: &Argument) -> bool {
    is_mutable_reference(&argument.ty) || is_context(&argument.ty) || !has_marks(model)
}

fn has_marks(model: &Model) -> bool {
    items(model).next().is_some() || is_counted(model)
}

/// What `times` calls the number.
fn count_name(model: &Model) -> Ident {
    let name = Namer::new(model.function.signature_tokens()).fresh("n", str::to_owned);
    Ident::new(&name, Span::mixed_site())
}

pub(super) fn constructors(model: &Model, makers: &Makers) -> TokenStream {
    let span = Span::mixed_site();
    let attrs = impl_attrs(model);
    let struct_name = &model.struct_name;
    let (impl_generics, arguments, clause) = model.generics.split_for_impl();
    let checks = checks(model);
    let functions = functions(model, makers);
    let unused = makers
        .are_unused
        .then(|| quote_spanned!(span=> #[allow(unused_variables)]));
    quote_spanned! {span=>
        #attrs
        #unused
        impl #impl_generics #struct_name #arguments #clause {
            #functions

            fn __zp_check() {
                #checks
            }
        }
    }
}

/// What does not depend on generics is reported at the parameter's type, and nowhere else.
fn checks(model: &Model) -> TokenStream {
    let span = Span::mixed_site();
    let private = model.krate.private();
    let checks = model.params.iter().filter_map(|param| {
        let at = span.located_at(param.ty.span());
        let call = match &param.supply {
            Supply::Argument(argument) if !argument.generic && !lacks_mark(model, argument) => {
                let ty = &argument.ty;
                quote_spanned!(at=> #private::argument_is_shared::<#ty>())
            }
            Supply::Item(argument, Some(_)) if !argument.generic => {
                let mut ty = param.ty.clone();
                walk(&mut ty, &mut Inferred(&model.item_lifetimes));
                match strip(&ty) {
                    Type::Reference(reference) if reference.mutability.is_none() => {
                        let ty = &reference.elem;
                        quote_spanned!(at=> #private::referent_is_sync::<#ty>())
                    }
                    _ => quote_spanned!(at=> #private::argument_is_send::<#ty>()),
                }
            }
            _ => return None,
        };
        let cfgs = &param.cfgs;
        Some(quote_spanned!(span=> #cfgs #call;))
    });
    checks.collect()
}

/// `over` and `try_over`, or `times`.
fn functions(model: &Model, makers: &Makers) -> TokenStream {
    let span = Span::mixed_site();
    let root = model.krate.root();
    let private = model.krate.private();
    let vis = &model.function.vis;
    let Makers {
        source,
        infallible,
        fallible,
        ..
    } = makers;
    let params = params(model);
    let function = model.name_in_source();
    // The constructors stand where the function's name does: there a message about their arguments points.
    let at = span.located_at(model.function.ident.span());
    let name = |name| Ident::new(name, at);
    let (over, try_over, times) = (name("over"), name("try_over"), name("times"));
    if is_counted(model) {
        let n = count_name(model);
        let bounds = where_clause(&bounds::of_batch(model));
        let doc = format!(
            " A batch of `{n}` calls of `{function}`, with the indices from 0.\n\n Nothing runs before it is told how, as by `run` or `collect`."
        );
        return quote_spanned! {span=>
            #[doc = #doc]
            #[inline]
            #vis fn #times(#n: ::core::primitive::usize, #params) -> #root::Batch<#source, Self> #bounds {
                #infallible
            }
        };
    }
    let lifetimes = &model.item_lifetimes;
    let lifetimes = (!lifetimes.is_empty()).then(|| quote_spanned!(span=> <#(#lifetimes),*>));
    let bounds = where_clause(&bounds::of_batch(model));
    let docs = Docs::new(model);
    let track = docs
        .can_panic
        .then(|| quote_spanned!(span=> #[track_caller]));
    let (over_doc, try_over_doc) = (&docs.over, &docs.try_over);
    let fallible = docs.can_fail.then(|| {
        quote_spanned! {span=>
            #[doc = #try_over_doc]
            #[inline]
            #track
            #vis fn #try_over #lifetimes (#params) -> ::core::result::Result<#root::Batch<#source, Self>, #private::LengthError> #bounds {
                #fallible
            }
        }
    });
    quote_spanned! {span=>
        #[doc = #over_doc]
        #[inline]
        #track
        #vis fn #over #lifetimes (#params) -> #root::Batch<#source, Self> #bounds {
            #infallible
        }

        #fallible
    }
}

/// The parameters of `over` or `times`: what the function is given for each item comes as a whole.
fn params(model: &Model) -> TokenStream {
    let span = Span::mixed_site();
    let private = model.krate.private();
    let anything = quote_spanned!(span=> impl ::core::marker::Sized);
    let params = model.params.iter().filter_map(|param| {
        let (argument, ty) = match &param.supply {
            Supply::Argument(argument) if !has_marks(model) => (argument, anything.clone()),
            Supply::Argument(argument) => (argument, argument.ty.to_token_stream()),
            Supply::Item(argument, Some(source)) => (argument, source.taken(&private)),
            Supply::Item(argument, None) => (argument, anything.clone()),
            Supply::Index | Supply::Buffer { .. } | Supply::Context => return None,
        };
        let (cfgs, field) = (&param.cfgs, &argument.field);
        Some(quote_spanned!(span=> #cfgs #field: #ty))
    });
    quote_spanned!(span=> #(#params),*)
}

fn where_clause(bounds: &[TokenStream]) -> Option<TokenStream> {
    (!bounds.is_empty()).then(|| quote_spanned!(Span::mixed_site()=> where #(#bounds),*))
}

/// What is said about the constructors.
struct Docs {
    over: String,
    try_over: String,
    can_panic: bool,
    can_fail: bool,
}

impl Docs {
    fn new(model: &Model) -> Self {
        let function = model.name_in_source();
        let named = |name: &Ident, chunked| match chunked {
            true => format!("chunk of `{name}`"),
            false => format!("item of `{name}`"),
        };
        let sources = model.sources();
        let named: Vec<String> = sources
            .map(|(_, argument, source)| named(&argument.field, source.is_chunked()))
            .collect();
        let chunked = model.sources().any(|(.., source)| source.is_chunked());
        let can_fail = items(model).count() != 1;
        let each = match named.as_slice() {
            [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
            _ => named.join(""),
        };
        let mut over = format!(
            " A batch of calls of `{function}`, one for each {each}.\n\n Nothing runs before it is told how, as by `run` or `collect`."
        );
        let mut panics = Vec::new();
        if can_fail {
            panics.push("the lengths differ");
        }
        if chunked {
            panics.push("a chunk is to have 0 items");
        }
        if !panics.is_empty() {
            over.push_str(&format!(
                "\n\n # Panics\n\n If {}.",
                panics.join(", or if ")
            ));
        }
        let mut try_over = String::from(
            " As [`over`](Self::over), for lengths that may differ.\n\n # Errors\n\n If they do: which, and by how much.",
        );
        if chunked {
            try_over.push_str("\n\n # Panics\n\n If a chunk is to have 0 items.");
        }
        Self {
            over,
            try_over,
            can_panic: !panics.is_empty(),
            can_fail,
        }
    }
}
