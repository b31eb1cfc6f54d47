"""The endpoint of a classifier: /v1/classify."""

from fastapi import APIRouter, Request

from halo.serving.answers.classification_fields import ClassifiedTexts, ClassifyFields
from halo.serving.answers.service import TheService
from halo.serving.requests.errors import error_responses
from halo.serving.requests.strict_json import JsonRoute

router = APIRouter(prefix="/v1", tags=["classification"], route_class=JsonRoute)


@router.post("/classify", responses=error_responses(400, 401, 403, 404, 408, 413, 415, 421, 429, 503))
async def classify(fields: ClassifyFields, request: Request, service: TheService) -> ClassifiedTexts:
    """Returns the label of each text, with the probability of each label, and on request what each word adds."""
    classifier = service.classifier(fields.model)
    texts = [fields.input] if isinstance(fields.input, str) else fields.input
    service.require_short("".join(texts), "input", status=400)
    found = await service.compute(request, lambda: classifier.classify(texts, explain=fields.explain))
    service.metrics.words.labels("classified").inc(sum(len(text.split()) for text in texts))
    return found
