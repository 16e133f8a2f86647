"""The synchronous program: generate everything, then process everything."""

import time

from producer_consumer.figures import ITEMS
from producer_consumer.stage import Item, Stage


def main(stage: Stage) -> None:
    """Put 20 items through a list: the producer has to end before the consumer can begin."""
    channel: list[Item] = []
    produce(stage, channel, 1)
    consume(stage, channel, ITEMS)


def produce(stage: Stage, channel: list[Item], producer: int) -> None:
    """Generate a producer's items."""
    for index, duration in stage.generation(producer):
        time.sleep(duration)
        channel.append(stage.generated(index, producer))


def consume(stage: Stage, channel: list[Item], items: int) -> None:
    """Process so many items."""
    for _ in range(items):
        item = channel.pop(0)
        waited_s = stage.taken(item)
        time.sleep(stage.processing)
        stage.processed(item, waited_s)
