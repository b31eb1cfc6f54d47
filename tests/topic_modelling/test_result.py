import json

from halo.runtime.atomic_files import json_text
from tests.support.found_topics import found_topics


def test_the_result_is_plain_data_without_the_texts() -> None:
    result = found_topics()
    plain = json.loads(json_text(result.as_dict()))
    assert plain["num_topics"] == 3
    assert plain["units"] == {"train": 60, "validation": 15, "test": 15}
    assert len(plain["clusters"]["topics"]) == 3
    assert plain["clusters"]["topics"][0]["label"] == result.topics[0].label
    assert not any(text in json.dumps(plain) for text in result.units.texts)
