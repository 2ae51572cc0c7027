"""The Jinja environment of the pages: everything escaped, nothing undefined, components of GOV.UK Frontend as globals.

The components ask for options that were not given, which a strict environment refuses. So they are loaded in one of
their own, that is lenient, and called from ours, that is strict.
"""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, PrefixLoader, StrictUndefined

from evenhand_serve.views.words import count

COMPONENTS: dict[str, str] = {
    "button": "govukButton",
    "character-count": "govukCharacterCount",
    "details": "govukDetails",
    "error-summary": "govukErrorSummary",
    "file-upload": "govukFileUpload",
    "input": "govukInput",
    "inset-text": "govukInsetText",
    "password-input": "govukPasswordInput",
    "radios": "govukRadios",
    "select": "govukSelect",
    "service-navigation": "govukServiceNavigation",
    "skip-link": "govukSkipLink",
    "tag": "govukTag",
    "warning-text": "govukWarningText",
}


@cache
def environment() -> Environment:
    """The environment that all pages are made in.

    Raises:
        ModuleNotFoundError: `govuk-frontend-jinja` is not installed.
    """
    loader = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    lenient = Environment(loader=loader, autoescape=True)
    strict = Environment(
        loader=PackageLoader("evenhand_serve"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    strict.globals["count"] = count
    for name, macro in COMPONENTS.items():
        template = lenient.get_template(f"govuk_frontend_jinja/components/{name}/macro.html")
        strict.globals[macro] = getattr(template.module, macro)
    return strict
