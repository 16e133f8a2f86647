"""The threaded program: blocking code as in the synchronous one, with a thread for each side."""

import queue
import threading
import time

from producer_consumer.figures import ITEMS
from producer_consumer.stage import Item, Stage


def main(stage: Stage) -> None:
    """Put 20 items through a queue between two threads: while one sleeps, the other works."""
    channel: queue.Queue[Item] = queue.Queue()
    threads = [
        threading.Thread(target=produce, args=(stage, channel, 1), daemon=True),
        threading.Thread(target=consume, args=(stage, channel, ITEMS), daemon=True),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def produce(stage: Stage, channel: queue.Queue[Item], producer: int) -> None:
    """Generate a producer's items."""
    for index, duration in stage.generation(producer):
        time.sleep(duration)
        channel.put(stage.generated(index, producer))


def consume(stage: Stage, channel: queue.Queue[Item], items: int) -> None:
    """Process so many items."""
    for _ in range(items):
        item = channel.get()
        waited_s = stage.taken(item)
        time.sleep(stage.processing)
        stage.processed(item, waited_s)
