// Evaluate IAM policies, offline. stdin: a list of simulations; stdout: a list of
// results, or what is wrong with a simulation. argv: the folder of the tool.
import { pathToFileURL } from 'node:url'

const tool = `${process.argv[2]}/node_modules/@cloud-copilot/iam-simulate/dist/esm/index.js`
const { runSimulation } = await import(pathToFileURL(tool))

let text = ''
for await (const part of process.stdin) text += part

const results = []
for (const simulation of JSON.parse(text)) {
  const { overallResult, errors } = await runSimulation(simulation, {})
  results.push(errors ? `errors: ${JSON.stringify(errors)}` : overallResult)
}
console.log(JSON.stringify(results))
