//! `#[zp::task]`: the function as it is, and a struct of its parameters that is a task.

use crate::args::{Options, Priority};
use crate::check;
use crate::errors::Errors;
use crate::fallback;
use crate::model::{Supply, Task};
use crate::run;
use crate::signature::{self, Function};
use crate::tokens;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = Options::parse(args, &mut errors);
    let function: Function = match syn::parse2(item.clone()) {
        Ok(function) => function,
        Err(error) => return fallback::unread(&item, error),
    };
    check::check(&function, &options, &mut errors);
    let task = Task::new(function, options, &mut errors);
    if errors.any() {
        return fallback::with_errors(&task, errors);
    }
    let function = task.function.without_marks(&use_length_params(&task));
    let (struct_item, constructors, implementation) = (
        struct_item(&task),
        constructors(&task),
        implementation(&task),
    );
    // The struct comes last: an editor that finds two items under one name takes the first for the other's colour.
    quote! {
        #function
        #constructors
        #implementation
        #struct_item
    }
}

/// A parameter that only a length uses counts as used.
fn use_length_params(task: &Task) -> TokenStream {
    let in_body = tokens::names(task.function.body.to_token_stream());
    let span = Span::mixed_site();
    let params = task.arguments().filter_map(|(param, argument)| {
        let name = argument
            .used_in_length
            .as_ref()
            .filter(|name| !in_body.contains(name))?;
        let cfgs = &param.cfgs;
        Some(quote_spanned!(span=> #cfgs let _ = &#name;))
    });
    params.collect()
}

/// Attributes for a generated `impl`: the function's conditions, and an excuse for lints that look at what the
/// user wrote in the signature, and have looked at it there already.
fn impl_attrs(task: &Task) -> TokenStream {
    let cfgs = signature::cfgs(&task.function.attrs);
    quote_spanned! {Span::mixed_site()=>
        #cfgs
        #[allow(dead_code, deprecated, non_snake_case, private_bounds, private_interfaces, unreachable_pub)]
        #[allow(single_use_lifetimes, unused_lifetimes, unused_qualifications)]
        #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    }
}

/// The same for the struct, whose name and derives are not the user's choice.
fn struct_attrs(task: &Task) -> TokenStream {
    let span = Span::mixed_site();
    let attrs = impl_attrs(task);
    quote_spanned! {span=>
        #attrs
        #[allow(non_camel_case_types, missing_copy_implementations, missing_debug_implementations)]
    }
}

pub(crate) fn struct_item(task: &Task) -> TokenStream {
    let span = Span::mixed_site();
    let Task {
        struct_name,
        generics,
        phantom,
        function,
        ..
    } = task;
    let vis = &function.vis;
    let attrs = struct_attrs(task);
    let clause = &generics.where_clause;
    let doc = format!(
        " The parameters of the function `{}`, as a task.",
        task.name_in_source()
    );
    let fields = task.arguments().map(|(param, argument)| {
        let (cfgs, field, ty) = (&param.cfgs, &argument.field, &argument.ty);
        let doc = format!(" The argument `{field}`.");
        quote_spanned!(span=> #cfgs #[doc = #doc] #vis #field: #ty,)
    });
    let hidden = phantom
        .as_ref()
        .map(|ty| quote_spanned!(span=> #[doc(hidden)] __use_new: #ty,));
    let copied = function.attrs.iter().filter(|attr| {
        let hides = attr.path().is_ident("doc") && matches!(attr.meta, syn::Meta::List(_));
        hides || attr.path().is_ident("deprecated")
    });
    quote_spanned! {span=>
        #[doc = #doc]
        #(#copied)*
        #attrs
        #[must_use = "a task does nothing until it is given to a pool, a scope or a join"]
        #vis struct #struct_name #generics #clause {
            #(#fields)*
            #hidden
        }
    }
}

pub(crate) fn constructors(task: &Task) -> TokenStream {
    let span = Span::mixed_site();
    let private = task.krate.private();
    let Task {
        struct_name,
        generics,
        phantom,
        function,
        ..
    } = task;
    let vis = &function.vis;
    let attrs = impl_attrs(task);
    let (impl_generics, arguments, clause) = generics.split_for_impl();
    let params = task.arguments().map(|(param, argument)| {
        let (cfgs, field, ty) = (&param.cfgs, &argument.field, &argument.ty);
        quote_spanned!(span=> #cfgs #field: #ty)
    });
    let all_params = task.params.iter().map(|param| {
        let cfgs = &param.cfgs;
        match &param.supply {
            Supply::Argument(argument) => {
                let (field, ty) = (&argument.field, &argument.ty);
                quote_spanned!(span=> #cfgs #field: #ty)
            }
            Supply::Buffer { .. } | Supply::Context => {
                quote_spanned!(span=> #cfgs _: #private::Lent)
            }
        }
    });
    let fields: Vec<TokenStream> = task
        .arguments()
        .map(|(param, argument)| {
            let (cfgs, field) = (&param.cfgs, &argument.field);
            quote_spanned!(span=> #cfgs #field,)
        })
        .collect();
    let hidden = phantom
        .as_ref()
        .map(|_| quote_spanned!(span=> __use_new: ::core::marker::PhantomData,));
    // Reported at the parameter's type, where a bound of the implementation would be reported at the function.
    let sendable = task
        .arguments()
        .filter(|(_, argument)| !argument.generic)
        .map(|(param, argument)| {
            let (cfgs, ty) = (&param.cfgs, &argument.ty);
            let call =
                quote_spanned!(span.located_at(ty.span())=> #private::argument_is_send::<#ty>());
            quote_spanned!(span=> #cfgs #call;)
        });
    quote_spanned! {span=>
        #attrs
        impl #impl_generics #struct_name #arguments #clause {
            /// The task of calling the function with these arguments.
            #[inline]
            #vis fn new(#(#params),*) -> Self {
                Self { #(#fields)* #hidden }
            }

            #[doc(hidden)]
            #[inline]
            #vis fn __call(#(#all_params),*) -> Self {
                Self { #(#fields)* #hidden }
            }

            fn __zp_check() {
                #(#sendable)*
            }
        }
    }
}

fn implementation(task: &Task) -> TokenStream {
    let body = run::body(task);
    implementation_with(task, &task.output.to_token_stream(), &body)
}

pub(crate) fn implementation_with(
    task: &Task,
    output: &TokenStream,
    body: &TokenStream,
) -> TokenStream {
    let span = Span::mixed_site();
    let private = task.krate.private();
    let Task {
        struct_name,
        generics,
        name,
        send_bounds,
        ..
    } = task;
    let attrs = impl_attrs(task);
    let (impl_generics, arguments, _) = generics.split_for_impl();
    let predicates = generics
        .where_clause
        .iter()
        .flat_map(|clause| &clause.predicates);
    let priority = task.priority.map(|priority| {
        let variant = match priority {
            Priority::Low => quote_spanned!(span=> Low),
            Priority::Normal => quote_spanned!(span=> Normal),
            Priority::High => quote_spanned!(span=> High),
        };
        quote_spanned!(span=> const PRIORITY: #private::Priority = #private::Priority::#variant;)
    });
    quote_spanned! {span=>
        #attrs
        impl #impl_generics #private::Task for #struct_name #arguments
        where
            #(#predicates,)*
            #(#send_bounds,)*
        {
            type Output = #output;

            const NAME: &'static ::core::primitive::str = #name;
            #priority

            #[inline]
            fn run(self, __zp_cx: &mut #private::Context<'_>) -> Self::Output {
                #body
            }
        }
    }
}
