"""`/stacks`, `/components`, `/instances`, `/graph`, `/templates`: the repository's files, as its branch has them."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from gaia.api.caller import LONGEST, Files, MaybeStack
from gaia.api.declared import may, problems
from gaia.api.plain import answer
from gaia.api.shapes import Shape, page
from gaia.kit.redact import Redactor
from gaia.scaffold.answers_schema import answers_schema
from gaia.scaffold.template import Template, check_answers

router = APIRouter(tags=["repository"])
StackName = Annotated[str, Path(max_length=LONGEST, examples=["acme-use1-dev"])]
ComponentName = Annotated[str, Path(max_length=LONGEST, examples=["vpc"])]
TemplateName = Annotated[str, Path(max_length=LONGEST, examples=["object-store"])]


class Stack(Shape):
    """A stack, and where it is; environment and region are empty where it sets none."""

    stack: str
    tenant: str
    environment: str
    stage: str
    region: str


class Component(Shape):
    """A component, and in how many of the stacks that are seen it is."""

    component: str
    stacks: int


class InstanceName(Shape):
    """One component in one stack."""

    stack: str
    component: str


class InstanceShown(Shape):
    """One instance as the stacks say; what only a state or a store tells is written as its function."""

    stack: str
    component: str
    commit: str
    folder: str
    enabled: bool
    manifest: str
    workspace: str
    vars: dict[str, Any]
    settings: dict[str, Any]
    metadata: dict[str, Any]
    origins: list[dict[str, Any]] = Field(description="Each value of `vars` with the place that set it.")


class Graph(Shape):
    """Which instance needs which."""

    stack: str | None
    nodes: list[dict[str, Any]]
    edges: list[dict[str, Any]]
    levels: list[list[str]]


class Asks(Shape):
    """One question of a template."""

    name: str
    type: str
    help: str
    default: Any
    choices: list[str]
    required: bool


class Lives(Shape):
    """How many seconds what a template makes lives; null: nothing is said."""

    default: int | None = Field(description="Where nobody asks for a time.")
    longest: int | None = Field(description="Somebody may ask for; then there has to be one.")


class TemplateShown(Shape):
    """What can be requested, with its questions."""

    name: str
    version: str
    title: str
    description: str
    ttl: Lives
    questions: list[Asks]


class Answers(BaseModel):
    """Answers to a template's questions."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"answers": {"owner": "team-media"}}]})
    answers: dict[str, Any]


class Checked(Shape):
    """The answers whole and typed."""

    answers: dict[str, Any]


StackPage = page("StackPage", "stacks", Stack, "Stacks, by name.", commit=str)
ComponentPage = page("ComponentPage", "components", Component, "Components, by name.", commit=str)
InstancePage = page("InstancePage", "instances", InstanceName, "Instances, by stack and component.", commit=str)
TemplatePage = page("TemplatePage", "templates", TemplateShown, "Templates, by name.")


@router.get(
    "/stacks",
    operation_id="list_stacks",
    summary="List the stacks",
    response_model=StackPage,
    responses=problems(),
    openapi_extra=may("see"),
)
def stacks(files: Files) -> Response:
    """Those in which the caller may see something."""
    return answer({"stacks": files.stacks(), "commit": files.commit})


@router.get(
    "/components",
    operation_id="list_components",
    summary="List the components",
    response_model=ComponentPage,
    responses=problems(),
    openapi_extra=may("see"),
)
def components(files: Files) -> Response:
    """Those that are in a stack that the caller sees."""
    counts: dict[str, int] = {}
    for key in files.instances():
        counts[key.component] = counts.get(key.component, 0) + 1
    rows = [{"component": name, "stacks": number} for name, number in sorted(counts.items())]
    return answer({"components": rows, "commit": files.commit})


@router.get(
    "/instances",
    operation_id="list_instances",
    summary="List the instances",
    response_model=InstancePage,
    responses=problems(),
    openapi_extra=may("see"),
)
def instances(
    files: Files,
    stack: MaybeStack = None,
    component: Annotated[str | None, Query(max_length=LONGEST, description="Only of this component.")] = None,
) -> Response:
    """Every component in every stack that the caller sees."""
    keys = files.instances(stack=stack, component=component)
    rows = [{"stack": key.stack, "component": key.component} for key in keys]
    return answer({"instances": rows, "commit": files.commit})


@router.get(
    "/instances/{stack}/{component:path}",
    operation_id="get_instance",
    summary="Show an instance",
    response_model=InstanceShown,
    responses=problems(),
    openapi_extra=may("see"),
)
def instance(files: Files, stack: StackName, component: ComponentName) -> Response:
    """Its values, and the place of each; nothing outside of the repository is asked."""
    return answer(Redactor().data(files.described(stack, component)))


@router.get(
    "/graph",
    operation_id="get_graph",
    summary="Show what needs what",
    response_model=Graph,
    responses=problems(),
    openapi_extra=may("see"),
)
def graph(files: Files, stack: Annotated[str, Query(max_length=LONGEST, examples=["acme-use1-dev"])]) -> Response:
    """The instances of a stack by level, what needs nothing first."""
    return answer(files.graph(stack))


@router.get(
    "/templates",
    operation_id="list_templates",
    summary="List what can be requested",
    response_model=TemplatePage,
    responses=problems(),
    openapi_extra=may("known"),
)
def templates(files: Files) -> Response:
    """With the questions of each."""
    return answer({"templates": [_shown(each) for each in files.templates()]})


@router.get(
    "/templates/{template}",
    operation_id="get_template",
    summary="Show a template",
    response_model=TemplateShown,
    responses=problems(),
    openapi_extra=may("known"),
)
def template(files: Files, template: TemplateName) -> Response:
    """With its questions."""
    return answer(_shown(files.template(template)))


@router.get(
    "/templates/{template}/schema",
    operation_id="get_template_schema",
    summary="Show what a template asks as JSON Schema",
    response_model=dict[str, Any],
    responses=problems(),
    openapi_extra=may("known"),
)
def schema(files: Files, template: TemplateName) -> Response:
    """Of `answers`, for forms."""
    return answer(answers_schema(files.template(template)))


@router.post(
    "/templates/{template}/answers",
    operation_id="check_answers",
    summary="Check answers to a template",
    response_model=Checked,
    responses=problems(),
    openapi_extra=may("known"),
)
def checked(files: Files, template: TemplateName, given: Annotated[Answers, Body()]) -> Response:
    """Nothing is written down; 422 says which answer is wrong and what is expected."""
    return answer({"answers": check_answers(files.template(template), given.answers)})


def _shown(template: Template) -> dict[str, object]:
    """As `gaia list templates` has it."""
    return {
        "name": template.name,
        "version": template.version,
        "title": template.title,
        "description": template.description,
        "ttl": template.lifespan.as_json(),
        "questions": [
            {
                "name": one.name,
                "type": one.type,
                "help": one.help,
                "default": one.default,
                "choices": list(one.choices),
                "required": one.required,
            }
            for one in template.questions
        ],
    }
