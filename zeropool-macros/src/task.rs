//! `#[zp::task]`: the function as it is, and a struct of its parameters that is a task.

use crate::args::{Options, Priority};
use crate::check::{self, BufferShape};
use crate::errors::Errors;
use crate::fallback;
use crate::model::{Param, Supply, Task};
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
        .map(|ty| quote_spanned!(span=> #[doc(hidden)] __zp_unused: #ty,));
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
        .map(|_| quote_spanned!(span=> __zp_unused: ::core::marker::PhantomData,));
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
            #[must_use]
            #vis fn new(#(#params),*) -> Self {
                Self { #(#fields)* #hidden }
            }

            #[doc(hidden)]
            #[inline]
            #[must_use]
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
    let body = run_body(task);
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

/// Takes the struct apart, asks the worker for what it lends and calls the function.
///
/// Only a length sees the user's names; around the call nothing is bound to them, so that a function and its
/// parameter may share one.
fn run_body(task: &Task) -> TokenStream {
    let span = Span::mixed_site();
    let function = &task.function.ident;
    let fields = task.arguments().map(|(param, argument)| {
        let (Param { cfgs, local, .. }, field) = (param, &argument.field);
        quote_spanned!(span=> #cfgs #field: #local,)
    });
    let hidden = task
        .phantom
        .as_ref()
        .map(|_| quote_spanned!(span=> __zp_unused: _,));
    let lengths = lengths(task);
    let buffers = task.params.iter().filter_map(|param| buffer(task, param));
    let type_params = task
        .function
        .generics
        .params
        .iter()
        .filter_map(|param| match param {
            syn::GenericParam::Type(param) => Some(&param.ident),
            syn::GenericParam::Const(param) => Some(&param.ident),
            syn::GenericParam::Lifetime(_) => None,
        });
    let mut type_params = type_params.peekable();
    let turbofish = type_params.peek().is_some().then_some(());
    let turbofish = turbofish.map(|()| quote_spanned!(span=> ::<#(#type_params),*>));
    let arguments = task.params.iter().map(|param| call_argument(task, param));
    quote_spanned! {span=>
        let Self { #(#fields)* #hidden } = self;
        #lengths
        #(#buffers)*
        #function #turbofish (#(#arguments),*)
    }
}

/// Computes all lengths while the parameters they use are bound, by value, to the user's names.
fn lengths(task: &Task) -> TokenStream {
    let span = Span::mixed_site();
    let (mut declare, mut compute) = (TokenStream::new(), TokenStream::new());
    for param in &task.params {
        if let (Supply::Buffer { length, .. }, Param { cfgs, local, .. }) = (&param.supply, param) {
            let length_local = quote::format_ident!("{local}_len", span = span);
            declare
                .extend(quote_spanned!(span=> #cfgs let #length_local: ::core::primitive::usize;));
            compute.extend(quote_spanned!(span=> #cfgs { #length_local = #length; }));
        }
    }
    let (mut bind, mut unbind) = (TokenStream::new(), TokenStream::new());
    for (Param { cfgs, local, .. }, argument) in task.arguments() {
        if let Some(name) = &argument.used_in_length {
            let back = quote::format_ident!("{local}_back", span = span);
            declare.extend(quote_spanned!(span=> #cfgs let #back;));
            bind.extend(quote_spanned!(span=> #cfgs let #name = #local;));
            unbind.extend(quote_spanned!(span=> #cfgs { #back = #name; }));
        }
    }
    if compute.is_empty() {
        return TokenStream::new();
    }
    quote_spanned!(span=> #declare { #bind #compute #unbind })
}

fn buffer(task: &Task, param: &Param) -> Option<TokenStream> {
    let Supply::Buffer { shape, .. } = &param.supply else {
        return None;
    };
    let private = task.krate.private();
    let Param {
        cfgs, local, ty, ..
    } = param;
    let span = Span::mixed_site().located_at(ty.span());
    let length = quote::format_ident!("{local}_len", span = Span::mixed_site());
    let owner = match shape {
        BufferShape::Bytes => quote_spanned!(span=> #private::Buf),
        BufferShape::Borrowed => referent(ty).to_token_stream(),
        BufferShape::Given => ty.to_token_stream(),
    };
    let mutable = (*shape != BufferShape::Given).then(|| quote_spanned!(span=> mut));
    Some(
        quote_spanned!(span=> #cfgs let #mutable #local = <#owner as #private::Lend>::lend(__zp_cx, #length);),
    )
}

fn referent(ty: &syn::Type) -> &syn::Type {
    match ty {
        syn::Type::Reference(reference) => &reference.elem,
        syn::Type::Group(group) => referent(&group.elem),
        syn::Type::Paren(paren) => referent(&paren.elem),
        _ => ty,
    }
}

fn call_argument(task: &Task, param: &Param) -> TokenStream {
    let private = task.krate.private();
    let Param {
        cfgs,
        local,
        ty,
        supply,
    } = param;
    let span = Span::mixed_site().located_at(ty.span());
    match supply {
        Supply::Argument(argument) => match &argument.used_in_length {
            Some(_) => {
                let back = quote::format_ident!("{local}_back", span = Span::mixed_site());
                quote_spanned!(span=> #cfgs #back)
            }
            None => quote_spanned!(span=> #cfgs #local),
        },
        Supply::Buffer {
            shape: BufferShape::Bytes,
            ..
        } => quote_spanned!(span=> #cfgs #private::bytes(&mut #local)),
        Supply::Buffer {
            shape: BufferShape::Borrowed,
            ..
        } => quote_spanned!(span=> #cfgs &mut #local),
        Supply::Buffer {
            shape: BufferShape::Given,
            ..
        } => quote_spanned!(span=> #cfgs #local),
        Supply::Context => quote_spanned!(span=> #cfgs &mut *__zp_cx),
    }
}
