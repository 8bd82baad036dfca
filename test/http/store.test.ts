import { ownStore } from '../../src/http/store.ts';
import { describeStore } from './store-contract.ts';

describeStore('the store of a single instance', ownStore);
