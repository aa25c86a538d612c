import Dispatch
import Synchronization

/// The results of `transform` for every element, computed on several threads; throws the first element's error.
public func parallelMap<Element: Sendable, Result: Sendable>(
    _ elements: [Element], _ transform: @Sendable (Element) throws -> Result
) throws -> [Result] {
    let slots = Mutex([Swift.Result<Result, any Error>?](repeating: nil, count: elements.count))
    DispatchQueue.concurrentPerform(iterations: elements.count) { index in
        let result = Swift.Result { try transform(elements[index]) }
        slots.withLock { $0[index] = result }
    }
    return try slots.withLock { $0 }.compactMap { try $0?.get() }
}
