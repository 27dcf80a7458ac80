//! What every annotated function gets: a struct of what its callers give.

use crate::args::Priority;
use crate::generics::phantom_type;
use crate::model::{Kind, Model, Param};
use crate::signature;
use crate::tokens;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};

/// A parameter that only a length uses counts as used.
pub(crate) fn use_length_params(model: &Model) -> TokenStream {
    let in_body = tokens::names(model.function.body.to_token_stream());
    let span = Span::mixed_site();
    let params = model.params.iter().filter_map(|param| {
        let used = param
            .used_in_length
            .as_ref()
            .or(param.used_in_chunk.as_ref());
        let name = used.filter(|name| !in_body.contains(name))?;
        let cfgs = &param.cfgs;
        Some(quote_spanned!(span=> #cfgs let _ = &#name;))
    });
    params.collect()
}

/// How items are passed is not the function's choice: `&String` is an item of `&[String]`, and `&str` is not.
pub(crate) fn item_lints(model: &Model) -> Option<TokenStream> {
    model.sources().next().map(|_| {
        quote_spanned!(Span::mixed_site()=> #[allow(clippy::needless_pass_by_value, clippy::ptr_arg, clippy::trivially_copy_pass_by_ref)])
    })
}

/// Attributes for a generated `impl`: the function's conditions, and an excuse for lints that look at what the
/// user wrote in the signature, and have looked at it there already.
pub(crate) fn impl_attrs(model: &Model) -> TokenStream {
    let cfgs = signature::cfgs(&model.function.attrs);
    quote_spanned! {Span::mixed_site()=>
        #cfgs
        #[allow(dead_code, deprecated, non_snake_case, private_bounds, private_interfaces, unreachable_pub)]
        #[allow(single_use_lifetimes, unused_lifetimes, unused_parens, unused_qualifications)]
        #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    }
}

/// The same for the struct, whose name and derives are not the user's choice.
fn struct_attrs(model: &Model) -> TokenStream {
    let span = Span::mixed_site();
    let attrs = impl_attrs(model);
    quote_spanned! {span=>
        #attrs
        #[allow(non_camel_case_types, missing_copy_implementations, missing_debug_implementations)]
    }
}

/// The struct. A task is made by naming its fields; what the calls of a batch share is nobody else's business.
pub(crate) fn struct_item(model: &Model) -> TokenStream {
    let span = Span::mixed_site();
    let vis = (model.kind == Kind::Task).then_some(&model.function.vis);
    let fields = model.arguments().map(|(param, argument)| {
        let (cfgs, field, ty) = (&param.cfgs, &argument.field, &argument.ty);
        let doc = format!(" The argument `{field}`.");
        quote_spanned!(span=> #cfgs #[doc = #doc] #vis #field: #ty,)
    });
    let hidden = model.phantom.as_ref().map(|ty| hidden_field(model, ty));
    struct_with(model, &fields.chain(hidden).collect())
}

/// The struct without its fields, for a mistake in those not to be one in the struct.
pub(crate) fn empty_struct(model: &Model) -> TokenStream {
    let phantom = phantom_type(&model.generics, &[]);
    let hidden = phantom.as_ref().map(|ty| hidden_field(model, ty));
    struct_with(model, &hidden.into_iter().collect())
}

fn hidden_field(model: &Model, ty: &TokenStream) -> TokenStream {
    let marker = &model.marker;
    quote_spanned!(Span::mixed_site()=> #[doc(hidden)] #marker: #ty,)
}

fn struct_with(model: &Model, fields: &TokenStream) -> TokenStream {
    let span = Span::mixed_site();
    let Model {
        kind,
        struct_name,
        generics,
        function,
        ..
    } = model;
    let vis = &function.vis;
    let attrs = struct_attrs(model);
    let clause = &generics.where_clause;
    let name = model.name_in_source();
    let (doc, unused) = match kind {
        Kind::Task => (
            format!(" The parameters of the function `{name}`, as a task."),
            Some(
                quote_spanned!(span=> #[must_use = "a task does nothing until it is given to a pool, a scope or a join"]),
            ),
        ),
        Kind::Batch => (
            format!(" Batches of calls of the function `{name}`, and what those calls share."),
            None,
        ),
    };
    let copied = function.attrs.iter().filter(|attr| {
        let hides = attr.path().is_ident("doc") && matches!(attr.meta, syn::Meta::List(_));
        hides || attr.path().is_ident("deprecated")
    });
    quote_spanned! {span=>
        #[doc = #doc]
        #(#copied)*
        #attrs
        #unused
        #vis struct #struct_name #generics #clause {
            #fields
        }
    }
}

/// The fields of a literal of the struct, from variables of their names.
pub(crate) fn field_values(model: &Model) -> TokenStream {
    let span = Span::mixed_site();
    let fields = model.arguments().map(|(Param { cfgs, .. }, argument)| {
        let field = &argument.field;
        quote_spanned!(span=> #cfgs #field,)
    });
    let (phantom, marker) = (model.phantom.as_ref(), &model.marker);
    let hidden = phantom.map(|_| quote_spanned!(span=> #marker: ::core::marker::PhantomData,));
    fields.chain(hidden).collect()
}

/// The constants of `Task` and of `Body`.
pub(crate) fn constants(model: &Model) -> TokenStream {
    let span = Span::mixed_site();
    let private = model.krate.private();
    let name = &model.name;
    let priority = model.priority.map(|priority| {
        let variant = match priority {
            Priority::Low => quote_spanned!(span=> Low),
            Priority::Normal => quote_spanned!(span=> Normal),
            Priority::High => quote_spanned!(span=> High),
        };
        quote_spanned!(span=> const PRIORITY: #private::Priority = #private::Priority::#variant;)
    });
    quote_spanned!(span=> const NAME: &'static ::core::primitive::str = #name; #priority)
}

/// The user's own conditions on the generics, for a `where` clause.
pub(crate) fn predicates(model: &Model) -> TokenStream {
    let clause = model.generics.where_clause.iter();
    let predicates = clause.flat_map(|clause| &clause.predicates);
    let predicates = predicates.map(|predicate| quote_spanned!(Span::mixed_site()=> #predicate,));
    predicates.collect()
}
